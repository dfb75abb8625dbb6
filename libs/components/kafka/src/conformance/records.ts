import { describe, expect, test } from '@jest/globals';
import { randomName } from '@penstock/testing';
import { openPublisher } from '../acknowledged-sink.ts';
import { endOf } from '../partition-reader.ts';
import type { WireHeader } from '../port.ts';
import { differentPartitions, unknownTopic, unreachable } from '../problems.ts';
import { ensureTopics } from '../topics.ts';
import { type DriverName, layGround, outputOf, placed } from './ground.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** What every driver must do with records and topics. */
export function describeRecords(driver: DriverName): void {
  describe(driver, () => {
    const { kafka, open, topic, contents, values, producer } = layGround(driver);

    describe('records', () => {
      test('keep headers as bytes, repeated, in order, null or empty', async () => {
        const name = await topic(1);
        const bytes = Uint8Array.from([0, 255, 128, 10]);
        const headers: WireHeader[] = [
          [utf8.encode('a'), bytes],
          [utf8.encode('b'), null],
          [utf8.encode('a'), utf8.encode('again')],
          [utf8.encode('1'), new Uint8Array()],
        ];
        const sender = producer(null);
        await sender.initialise();
        await sender.send([{ topic: name, partition: 0, key: bytes, value: null, headers }]);
        const [record] = await contents(name);
        expect(record?.headers.map(([key, value]) => [text.decode(key), value === null ? null : [...value]])).toEqual([
          ['a', [...bytes]],
          ['b', null],
          ['a', [...utf8.encode('again')]],
          ['1', []],
        ]);
        expect([...(record?.key ?? [])]).toEqual([...bytes]);
        expect(record?.value).toBeNull();
      });

      test('whose time lies two hours ahead are taken, and carry their arrival', async () => {
        const name = await topic(1);
        const sender = producer(null);
        await sender.initialise();
        await sender.send([{ ...placed(name, 'ahead'), timestampMs: Date.now() + 7_200_000 }]);
        const [record] = await contents(name);
        expect(Math.abs((record?.timestampMs ?? 0) - Date.now())).toBeLessThan(60_000);
      });

      test.each(['gzip', 'zstd'] as const)('pass through %s', async (compression) => {
        await using packed = open({ compression });
        const name = await topic(1);
        await using publisher = openPublisher(packed, new Map([['main', { topic: name, partitions: 1 }]]));
        const sent = Array.from({ length: 200 }, (_, index) => `${index} ${'x'.repeat(100)}`);
        await publisher.publish(sent.map((value) => outputOf(value)));
        expect(await values(name)).toEqual(sent);
      });

      test('sent twice under the same sequence are stored once', async () => {
        const name = await topic(1);
        const identity = await kafka.cluster.atAny((at) =>
          kafka.driver.initProducer(at, { transactionalId: null, transactionTimeoutMs: 60_000 }),
        );
        const batch = (firstSequence: number, value: string) => ({
          topic: name,
          partition: 0,
          firstSequence,
          records: [placed(name, value)],
        });
        const produce = async (firstSequence: number, value: string): Promise<void> => {
          const request = { transactionalId: null, producer: identity, compression: 'none' as const, timeoutMs: 10_000 };
          await kafka.driver.produce(await kafka.cluster.leader({ topic: name, partition: 0 }, 'send'), {
            ...request,
            batches: [batch(firstSequence, value)],
          });
        };
        await produce(0, 'one');
        await produce(0, 'one');
        await produce(1, 'two');
        expect(await values(name)).toEqual(['one', 'two']);
      });
    });

    describe('topics', () => {
      test('are declared once, and another number of partitions is a problem', async () => {
        const name = await topic(3);
        await ensureTopics(kafka, [{ topic: name, partitions: 3, cleanup: 'delete', retentionMs: -1 }]);
        const different = await ensureTopics(kafka, [{ topic: name, partitions: 4, cleanup: 'delete', retentionMs: -1 }]).catch(
          (each: unknown) => each,
        );
        expect(differentPartitions.caused(different)).toBe(true);
        const settings = await kafka.cluster.atAny((at) =>
          kafka.driver.topicSettings(at, name, ['cleanup.policy', 'retention.ms', 'message.timestamp.type']),
        );
        expect(Object.fromEntries(settings)).toEqual({
          'cleanup.policy': 'delete',
          'retention.ms': '-1',
          'message.timestamp.type': 'LogAppendTime',
        });
      });

      test('that do not exist, and brokers that are not there, are problems to wait out', async () => {
        const thrown = await endOf(kafka, { topic: randomName('missing'), partition: 0 }, 'latest').catch(
          (each: unknown) => each,
        );
        expect(unknownTopic.caused(thrown)).toBe(true);
        await using nowhere = open({ brokers: ['127.0.0.1:1'] });
        const silence = await endOf(nowhere, { topic: 'any', partition: 0 }, 'latest').catch((each: unknown) => each);
        expect(unreachable.caused(silence)).toBe(true);
      });
    });
  });
}
