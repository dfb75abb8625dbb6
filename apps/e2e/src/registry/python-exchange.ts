import { type SchemaFormat, schemaFormats } from '@penstock/schema';
import { openPythonRegistryClient, type PythonRegistryClient } from './python-registry.ts';
import { encodeReading, ours, type PlainReading } from './reading-codec.ts';

/** What Confluent's client for Python saw: what each question came to, what it wrote, and what it read of ours. */
export interface SeenByPython {
  readonly asked: Readonly<Record<string, unknown>>;
  readonly written: Readonly<Record<SchemaFormat, string>>;
  readonly read: Readonly<Record<SchemaFormat, PlainReading>>;
}

/** Runs the client twice: the first run registers its schemas; with those we write what the second one reads. */
export async function exchangeWithPython(url: string, topic: string, client?: PythonRegistryClient): Promise<SeenByPython> {
  const python = client ?? (await openPythonRegistryClient());
  await python.run(['--url', url, '--topic', topic]);
  const records = await Promise.all(
    schemaFormats.map(async (format) => {
      const bytes = await encodeReading(url, `${topic}-${format}-value`, ours);
      return [format, bytes.toString('hex')] as const;
    }),
  );
  return (await python.run([
    '--url',
    url,
    '--topic',
    topic,
    '--read',
    JSON.stringify(Object.fromEntries(records)),
  ])) as SeenByPython;
}

/** What each question of `registry.py` comes to at a registry that behaves as Confluent's. */
export function expectedOfPython(topic: string): Readonly<Record<string, unknown>> {
  return {
    registered: { same: true, version: 1, before: [404, 40_401] },
    text: true,
    versions: [1],
    listed: true,
    named: [`${topic}-AVRO-value`, `${topic}-asked`],
    compatible: [true, false],
    refused: [409, 409],
    references: [['rooms.Reading', 1]],
    referenced: true,
    config: 'NONE',
    metadata: 2,
    modes: ['READWRITE', 'READONLY', 'READONLY'],
    readonly: [422, 42_205],
    held: [422, 42_206],
    deleted: [
      [1, 2],
      [1, 2],
    ],
    gone: [404, 40_401],
    types: ['AVRO', 'JSON', 'PROTOBUF'],
    contexts: ['.'],
  };
}
