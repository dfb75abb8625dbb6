import { schemaFormats } from '@penstock/schema';
import { openEncryptingCodec } from '../registry/encrypting-codec.ts';
import { exchangeWithPython, expectedOfPython } from '../registry/python-exchange.ts';
import type { PythonRegistryClient } from '../registry/python-registry.ts';
import { decodeReading, ours, theirs } from '../registry/reading-codec.ts';
import { type Check, checksOf, expectSame, type ProgramCheck, type Step, tryAll } from './check.ts';

/** What the questions of the program are about. */
const questions: readonly (readonly [what: string, names: readonly string[]])[] = [
  ['register, look up, texts, versions, subjects', ['registered', 'text', 'versions', 'listed', 'named']],
  ['verdicts, and 409 for what does not go together', ['compatible', 'refused']],
  ['references', ['references', 'referenced', 'held']],
  ['settings, and the latest with metadata', ['config', 'metadata']],
  ['modes, and 422 while nothing may be written', ['modes', 'readonly']],
  ['deletes softly, then for good', ['deleted', 'gone']],
  ['types and contexts', ['types', 'contexts']],
];

/** Confluent's client for Python: its questions and its codecs. */
export async function checkPython(python: PythonRegistryClient, url: string, topic: string): Promise<Check[]> {
  const seen = await exchangeWithPython(url, topic, python);
  const expected = expectedOfPython(topic);
  return await tryAll('Python, confluent-kafka', [
    ...questions.map(
      ([what, names]): Step => [
        what,
        async () => {
          for (const name of names) expectSame(seen.asked[name], expected[name]);
        },
      ],
    ),
    ...schemaFormats.map(
      (format): Step => [
        `${format}: our codec reads what it writes, and it what ours writes`,
        async () => {
          const bytes = Buffer.from(seen.written[format], 'hex');
          expectSame(await decodeReading(url, `${topic}-${format}-value`, bytes), theirs);
          const { deviceId, sequence, co2Ppm } = seen.read[format];
          expectSame({ deviceId, sequence, co2Ppm }, ours);
        },
      ],
    ),
  ]);
}

const withRules = 'Python, confluent-kafka with rules';

/** Its data contracts: rules that the registry keeps, carried out by the client's own executors. */
export async function checkContracts(python: PythonRegistryClient, url: string, topic: string): Promise<Check[]> {
  const { checks } = (await python.run(['--url', url, '--topic', topic])) as { checks: readonly ProgramCheck[] };
  return [...checksOf(withRules, checks), ...(await tryAll(withRules, [exchangeSealed(python, url, topic)]))];
}

const env = { LOCAL_SECRET: 'penstock' };

/** Records with encrypted fields: what the client wrote for us, by a key of each kind, and what it reads of ours. */
function exchangeSealed(python: PythonRegistryClient, url: string, topic: string): Step {
  const run = async (...args: string[]): Promise<Readonly<Record<string, unknown>>> =>
    (await python.run(['--url', url, '--topic', topic, ...args])) as Readonly<Record<string, unknown>>;
  return [
    'our codec decrypts what it encrypts, and it what ours encrypts',
    async () => {
      const ours: Record<string, string> = {};
      for (const [at, sealed] of Object.entries(await run('--seal'))) {
        const codec = await openEncryptingCodec({ url, topic: at, env });
        expectSame(await codec.read(Buffer.from(String(sealed), 'hex')), { deviceId: 'co2-7', sequence: 7 });
        ours[at] = (await codec.write({ deviceId: 'co2-8', sequence: 8 })).toString('hex');
      }
      const opened = await run('--open', JSON.stringify(ours));
      for (const at of Object.keys(ours)) expectSame(opened[at], { deviceId: 'co2-8', sequence: 8 });
    },
  ];
}
