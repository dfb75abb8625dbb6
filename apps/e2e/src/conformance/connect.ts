import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cached, cacheFolder, copyMavenDependencies, findJava } from '@penstock/brokers';
import { deleteTopics, ensureTopics, type Kafka, openKafka, openPublisher, readRange } from '@penstock/kafka';
import { type Field, Rows } from '@penstock/kernel';
import { createEncoder, createRestRegistry, createWireDecoder } from '@penstock/schema';
import { until } from '@penstock/testing';
import { type ConnectorSettings, openConnectWorker } from '../connect-worker.ts';
import { type Check, expectSame, tryAll } from './check.ts';
import { runProgram } from './run-program.ts';

const client = 'Kafka Connect, AvroConverter';
const pomFile = join(import.meta.dirname, '../../connect/connect-converters.pom.xml');
const version = /<version>(\d+\.\d+\.\d+)<\/version>/.exec(readFileSync(pomFile, 'utf8'))?.[1] ?? '';
const converterClass = 'io.confluent.connect.avro.AvroConverter';
const deadlineMs = 60_000;
const partition = 0;

/** The folder of the converter, as Connect takes plugins: the jar, and one that says by which name it is found there. */
export async function fetchConverters(): Promise<string> {
  const java = await findJava('Kafka Connect');
  return await cached(cacheFolder, `connect-converters-${version}`, async (target) => {
    const plugin = join(target, 'converters');
    await copyMavenDependencies(pomFile, plugin);
    const services = join(target, 'services', 'META-INF/services');
    mkdirSync(services, { recursive: true });
    writeFileSync(join(services, 'org.apache.kafka.connect.storage.Converter'), `${converterClass}\n`);
    const args = ['--create', '--file', join(plugin, 'named.jar'), '-C', join(target, 'services'), '.'];
    await runProgram({ file: join(dirname(java), 'jar'), args });
  });
}

export interface ConnectPlace {
  /** The registry. */
  readonly url: string;
  readonly kafka: string;
  readonly topic: string;
}

/** A stock Connect worker whose converter registers and reads schemas: two file sources, one of which writes more, and a file sink. */
export async function checkConnect(converters: string, { url, kafka: broker, topic }: ConnectPlace): Promise<Check[]> {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-converters-'));
  await using opened = new AsyncDisposableStack();
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const kafka = opened.use(openKafka({ brokers: [broker] }));
  await ensureTopics(kafka, [{ topic, partitions: 1, cleanup: 'delete', retentionMs: -1 }]);
  opened.defer(() => deleteTopics(kafka, [topic]));
  const [plain, grown, output] = [join(folder, 'plain.txt'), join(folder, 'grown.txt'), join(folder, 'output.txt')];
  writeFileSync(plain, 'one\ntwo\n');
  opened.use(
    await openConnectWorker({
      folder,
      broker,
      plugins: [converters],
      connectors: connectorsOf({ url, topic, plain, grown, output }),
    }),
  );
  const registry = createRestRegistry({ url, latestForMs: 0 });
  const subject = `${topic}-value`;
  const written = (): string[] => (existsSync(output) ? readFileSync(output, 'utf8').split('\n').slice(0, -1) : []);
  const sees = (count: number): Promise<unknown> =>
    until(() => written().length >= count, { deadlineMs, what: `${count} lines of the sink` });
  return await tryAll(client, [
    [
      'the converter registers the schema of a source, and reads it for a sink',
      async () => {
        await sees(2);
        expectSame(written(), ['Struct{line=one}', 'Struct{line=two}']);
        expectSame((await registry.latest(subject))?.version, 1);
      },
    ],
    [
      'our codec reads what it writes, and it what ours writes',
      async () => {
        expectSame(await linesOf(kafka, topic, url), ['one', 'two']);
        await publishLine(kafka, { topic, url, line: 'three' });
        await sees(3);
        expectSame(written().at(-1), 'Struct{line=three}');
      },
    ],
    [
      'a source that writes more registers the next version, and the sink goes on',
      async () => {
        appendFileSync(grown, 'four\n');
        await sees(4);
        expectSame(written().at(-1), 'Struct{line=four,site=lab}');
        expectSame((await registry.latest(subject))?.version, 2);
        expectSame(await linesOf(kafka, topic, url), ['one', 'two', 'three', 'four']);
      },
    ],
  ]);
}

interface Files {
  readonly url: string;
  readonly topic: string;
  readonly plain: string;
  readonly grown: string;
  readonly output: string;
}

function connectorsOf({ url, topic, plain, grown, output }: Files): ConnectorSettings[] {
  const converter = {
    'value.converter': converterClass,
    'value.converter.schema.registry.url': url,
  };
  const hoist = {
    'transforms.hoist.type': 'org.apache.kafka.connect.transforms.HoistField$Value',
    'transforms.hoist.field': 'line',
  };
  const insert = {
    'transforms.site.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
    'transforms.site.static.field': 'site',
    'transforms.site.static.value': 'lab',
  };
  const source = { 'connector.class': 'FileStreamSource', 'tasks.max': 1, topic, ...converter, ...hoist };
  return [
    { ...source, name: 'plain', file: plain, transforms: 'hoist' },
    { ...source, ...insert, name: 'grown', file: grown, transforms: 'hoist,site' },
    { name: 'sink', 'connector.class': 'FileStreamSink', 'tasks.max': 1, topics: topic, file: output, ...converter },
  ];
}

const line: Field = { name: 'line', type: 'string', nullable: false };
const bindings = [{ field: line, slot: 0 }];

async function linesOf(kafka: Kafka, topic: string, url: string): Promise<unknown[]> {
  const decoder = createWireDecoder(createRestRegistry({ url }), bindings);
  const lines: unknown[] = [];
  for await (const { value } of readRange(kafka, { topic, partition }, { from: 'earliest', to: 'latest' })) {
    const rows = new Rows([line]);
    rows.reset(1);
    await decoder.prepare(value as Uint8Array);
    decoder.decode(value as Uint8Array, rows, 0);
    lines.push(rows.values(0)[0]);
  }
  return lines;
}

async function publishLine(
  kafka: Kafka,
  { topic, url, line: text }: { topic: string; url: string; line: string },
): Promise<void> {
  const latest = await createRestRegistry({ url }).latest(`${topic}-value`);
  if (latest === null) throw new Error('nothing is registered');
  const rows = new Rows([line]);
  rows.reset(1);
  rows.values(0)[0] = text;
  const payload = createEncoder(latest.schema, bindings, latest.id).encode(rows, 0);
  await using publisher = openPublisher(kafka, new Map([['main', { topic, partitions: 1 }]]));
  await publisher.publish([{ id: text, route: 'main', key: null, payload, headers: [] }]);
}
