import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cached, cacheFolder, findJava } from '@penstock/brokers';
import { openEncryptingCodec } from '../registry/encrypting-codec.ts';
import { decodeReading, encodeReading, ours, type PlainReading, theirs } from '../registry/reading-codec.ts';
import { type Check, checksOf, expectSame, type ProgramCheck, tryAll } from './check.ts';
import { fetchConverters } from './connect.ts';
import type { JavaClient } from './java.ts';
import { runProgram } from './run-program.ts';

const source = join(import.meta.dirname, '../../java/ConfluentClient.java');
const name = 'Java, Confluent’s client and serialisers';
const env = { LOCAL_SECRET: 'a secret of the laboratory' };

interface SeenByJava {
  readonly checks: readonly ProgramCheck[];
  readonly written?: string;
  readonly encrypted?: string;
  readonly read?: PlainReading;
}

/** Compiles the program against what the converters bring along, once. */
export async function fetchConfluentJava(): Promise<JavaClient> {
  const java = await findJava('the conformance of clients for Java');
  const jars = join(await fetchConverters(), 'converters/*');
  const wanted = createHash('sha256').update(jars).update(readFileSync(source)).digest('hex');
  const built = await cached(cacheFolder, `java-confluent-${wanted.slice(0, 12)}`, async (target) => {
    await runProgram({ file: join(dirname(java), 'javac'), args: ['-cp', jars, '-d', target, source] });
  });
  return { java, classPath: `${built}:${jars}` };
}

/** Confluent's client for Java: its questions, its Avro against ours, its rules, and its encryption with our keys. */
export async function checkConfluentJava({ java, classPath }: JavaClient, url: string, topic: string): Promise<Check[]> {
  const run = async (...more: readonly string[]): Promise<SeenByJava> => {
    const args = ['-Xmx256m', '-cp', classPath, 'ConfluentClient', url, topic, ...more];
    const printed = await runProgram({ file: java, args, timeoutMs: 60_000 });
    return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as SeenByJava;
  };
  const first = await run();
  const subject = `${topic}-value`;
  return [
    ...checksOf(name, first.checks),
    ...(await tryAll(name, [
      [
        'AVRO: our codec reads what it writes, and it what ours writes',
        async () => {
          expectSame(await decodeReading(url, subject, Buffer.from(first.written ?? '', 'hex')), theirs);
          const again = await run((await encodeReading(url, subject, ours)).toString('hex'));
          expectSame(plainOf(again.read), ours);
        },
      ],
      [
        'our codec reads what it encrypts',
        async () => {
          const codec = await openEncryptingCodec({ url, topic: `${topic}-secret`, env });
          expectSame(await codec.read(Buffer.from(first.encrypted ?? '', 'hex')), theirs);
        },
      ],
    ])),
  ];
}

/** With its properties in our order. */
function plainOf(read: PlainReading | undefined): PlainReading | null {
  return read === undefined ? null : { deviceId: read.deviceId, sequence: read.sequence, co2Ppm: read.co2Ppm };
}
