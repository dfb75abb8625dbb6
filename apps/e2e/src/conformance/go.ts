import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cacheFolder } from '@penstock/brokers';
import { decodeReading, encodeReading, ours, type PlainReading, theirs } from '../registry/reading-codec.ts';
import { type Check, checksOf, expectSame, type ProgramCheck, tryAll } from './check.ts';
import { runProgram } from './run-program.ts';

const folder = join(import.meta.dirname, '../../go');
const name = 'Go, franz-go/pkg/sr';

interface SeenByGo {
  readonly checks: readonly ProgramCheck[];
  readonly written: string;
  readonly read: PlainReading | null;
}

/** Fetches the client's module and builds the program, once. Answers where it is. */
export async function fetchGo(): Promise<string> {
  const wanted = createHash('sha256');
  for (const file of ['main.go', 'go.mod', 'go.sum']) wanted.update(readFileSync(join(folder, file)));
  const built = await cached(cacheFolder, `go-registry-${wanted.digest('hex').slice(0, 12)}`, async (target) => {
    const env = { GOFLAGS: '-mod=readonly', GOCACHE: join(target, 'build'), CGO_ENABLED: '0' };
    await runProgram({ file: 'go', args: ['build', '-o', join(target, 'registry'), '.'], cwd: folder, env });
    await runProgram({ file: 'go', args: ['clean', '-cache'], cwd: folder, env });
  });
  return join(built, 'registry');
}

/** A client for Go: its questions, and its codec of Avro against ours. */
export async function checkGo(program: string, url: string, topic: string): Promise<Check[]> {
  const run = async (more: readonly string[]): Promise<SeenByGo> => {
    const printed = await runProgram({ file: program, args: ['-url', url, '-topic', topic, ...more], timeoutMs: 60_000 });
    return JSON.parse(printed) as SeenByGo;
  };
  const subject = `${topic}-value`;
  const first = await run([]);
  const bytes = await encodeReading(url, subject, ours);
  const again = await run(['-read', bytes.toString('hex')]);
  const reading = again.checks.filter(({ what }) => !first.checks.some((each) => each.what === what));
  return [
    ...checksOf(name, [...first.checks, ...reading]),
    ...(await tryAll(name, [
      [
        'AVRO: our codec reads what it writes, and it what ours writes',
        async () => {
          expectSame(await decodeReading(url, subject, Buffer.from(first.written, 'hex')), theirs);
          expectSame(again.read, ours);
        },
      ],
    ])),
  ];
}
