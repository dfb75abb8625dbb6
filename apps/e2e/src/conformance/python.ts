import { schemaFormats } from '@penstock/schema';
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

/** Its data contracts: rules that the registry keeps, carried out by the client's own executors. */
export async function checkContracts(python: PythonRegistryClient, url: string, topic: string): Promise<Check[]> {
  const { checks } = (await python.run(['--url', url, '--topic', topic])) as { checks: readonly ProgramCheck[] };
  return checksOf('Python, confluent-kafka with rules', checks);
}
