import { expect, test } from '@jest/globals';
import { type Kafka, openKafka, openPublisher } from '@penstock/kafka';
import { brokers, randomName, until } from '@penstock/testing';
import type { ModelVersion } from './entries.ts';
import { type OpenCatalogue, openCatalogue } from './open-catalogue.ts';

const never = new AbortController().signal;
const entry: Omit<ModelVersion, 'version' | 'sha256' | 'bytes'> = {
  model: 'occupancy',
  inputs: [{ name: 'co2Mean', type: 'number' }],
  trainer: 'gradient-boosted-trees',
  params: {},
  seed: 1,
  manifest: { parts: [], rows: 1, trainedUntilMs: 1, rowsSha256: 'a'.repeat(64), pipeline: 'rooms', pipelineVersion: '1' },
  metrics: {},
  trigger: { kind: 'api', detail: '' },
  createdAtMs: 1,
};

async function open(stack: AsyncDisposableStack, topic: string): Promise<{ kafka: Kafka; models: OpenCatalogue }> {
  const kafka = stack.use(openKafka({ brokers: [brokers().kafka] }));
  return { kafka, models: stack.use(await openCatalogue(kafka, { topic, signal: never })) };
}

async function registerThree(models: OpenCatalogue, first: number): Promise<number[]> {
  const versions: number[] = [];
  for (const step of [0, 1, 2]) {
    let version = 0;
    await models.write((catalogue) => {
      const registered = catalogue.register(entry, new Uint8Array(1_000_000).fill(first + step));
      version = registered.version.version;
      return registered.records;
    });
    versions.push(version);
  }
  return versions;
}

test('two processes that register at the same time get versions of their own, and both read the same', async () => {
  await using stack = new AsyncDisposableStack();
  const topic = randomName('models');
  const [one, other] = [await open(stack, topic), await open(stack, topic)];
  const versions = await Promise.all([registerThree(one.models, 10), registerThree(other.models, 20)]);
  expect(versions.flat().sort()).toEqual([1, 2, 3, 4, 5, 6]);
  await Promise.all([one.models.sync(), other.models.sync()]);
  for (const { models } of [one, other]) {
    const found = models.catalogue.versions('occupancy');
    expect(found).toHaveLength(6);
    const firsts = found.map((version) => models.catalogue.bytes(version)[0] ?? 0).sort((left, right) => left - right);
    expect(firsts).toEqual([10, 11, 12, 20, 21, 22]);
  }
});

test('what write stored is in the catalogue when it resolves, and nothing is when prepare throws', async () => {
  await using stack = new AsyncDisposableStack();
  const { models } = await open(stack, randomName('models'));
  const keys: string[] = [];
  models.onChange((key) => keys.push(key));
  await models.write((catalogue) => catalogue.register(entry, new Uint8Array([1])).records);
  await models.write((catalogue) =>
    catalogue.move(catalogue.version('occupancy', 1), 'production', { id: 'm1', reason: 'first', by: 'test', atMs: 1 }),
  );
  expect(models.catalogue.resolve('occupancy', 'production')?.version).toBe(1);
  expect(keys.slice(1)).toEqual(['version/occupancy/1', 'move/m1', 'alias/occupancy/production']);
  await expect(models.write((catalogue) => [catalogue.version('occupancy', 9)] as never)).rejects.toThrow('has no version 9');
  await models.write(() => []);
});

test('what is answered as stored and does not come back is stored anew', async () => {
  await using stack = new AsyncDisposableStack();
  const kafka = stack.use(openKafka({ brokers: [brokers().kafka] }));
  let swallowed = 0;
  const endTransaction: Kafka['driver']['endTransaction'] = async (...asked) => {
    swallowed += 1;
    if (swallowed > 1) await kafka.driver.endTransaction(...asked);
  };
  const deaf = { ...kafka, driver: { ...kafka.driver, endTransaction } };
  const models = stack.use(await openCatalogue(deaf, { topic: randomName('models'), signal: never }));
  await models.write((catalogue) => catalogue.register(entry, new Uint8Array([1])).records);
  expect(swallowed).toBeGreaterThan(1);
  expect(models.catalogue.versions('occupancy')).toHaveLength(1);
});

test('a record that cannot be read is told and passed over', async () => {
  await using stack = new AsyncDisposableStack();
  const topic = randomName('models');
  const { kafka } = await open(stack, topic);
  const unreadable: string[] = [];
  stack.use(await openCatalogue(kafka, { topic, signal: never, unreadable: (key) => unreadable.push(key) }));
  const publisher = stack.use(openPublisher(kafka, new Map([['main', { topic, partitions: 1 }]])));
  const utf8 = new TextEncoder();
  await publisher.publish([
    { id: '1', route: 'main', key: utf8.encode('run/x'), payload: utf8.encode('{'), headers: [] },
    { id: '2', route: 'main', key: utf8.encode('later/x'), payload: utf8.encode('{'), headers: [] },
  ]);
  await until(() => unreadable.length > 0, { deadlineMs: 5_000, what: 'the record to be passed over' });
  expect(unreadable).toEqual(['run/x']);
});
