import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Brokers, openBrokers } from '@penstock/brokers';
import { randomName, seeded, until } from '@penstock/testing';
import kafkajs from 'kafkajs';
import { openPublisher } from '../acknowledged-sink.ts';
import { type Kafka, openKafka } from '../kafka.ts';
import { committedOffset, endOf, readRange } from '../partition-reader.ts';
import type { TopicPartition } from '../port.ts';
import { busy } from '../problems.ts';
import { openKafkaSink } from '../sink.ts';
import { ensureTopics } from '../topics.ts';
import type { WorkerOrder } from './worker.ts';
import { startWorker, type Worker } from './worker-process.ts';

const utf8 = new TextEncoder();

/** What every driver must survive: its broker killed, and the processes that use it killed. */
export function describeDriverFaults(driver: 'kafkajs' | 'platformatic'): void {
  describe(`${driver}, faults`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'penstock-kafka-'));
    let brokers: Brokers;
    let kafka: Kafka;
    beforeAll(async () => {
      brokers = await openBrokers({ folder, names: ['kafka'] });
      kafka = openKafka({ brokers: [brokers.kafka.address], driver, requestTimeoutMs: 5_000 });
    }, 120_000);
    afterAll(async () => {
      await kafka[Symbol.asyncDispose]();
      await brokers[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    }, 60_000);

    const declare = async (partitions: number, cleanup: 'delete' | 'compact' = 'delete'): Promise<string> => {
      const topic = randomName('fault');
      await ensureTopics(kafka, [{ topic, partitions, cleanup, retentionMs: -1 }]);
      return topic;
    };
    const valuesOf = async (topic: string, partition: number): Promise<string[]> => {
      const values: string[] = [];
      for await (const { value } of readRange(kafka, { topic, partition }, { from: 'earliest', to: 'latest' }))
        values.push(String(value));
      return values;
    };

    test(
      'what was acknowledged is stored once and in order, with the broker killed while producing',
      seeded(async (random) => {
        const topic = await declare(3);
        await using publisher = openPublisher(kafka, new Map([['main', { topic, partitions: 3 }]]));
        const acknowledged: number[] = [];
        let unanswered = 0;
        let next = 0;
        let stop = false;
        const send = async (): Promise<void> => {
          while (!stop) {
            const mine = Array.from({ length: 20 }, () => next++);
            unanswered += 1;
            await publisher.publish(mine.map((number) => outputOf(number)));
            unanswered -= 1;
            acknowledged.push(...mine);
          }
        };
        const senders = Array.from({ length: 4 }, send);
        let killedInFlight = 0;
        for (let kills = 0; kills < 3; kills += 1) {
          const before = acknowledged.length;
          await until(() => acknowledged.length > before + 500 + random() * 2_000, {
            deadlineMs: 30_000,
            what: 'progress before the kill',
          });
          await brokers.kafka.kill();
          killedInFlight += unanswered;
          await brokers.kafka.start();
        }
        const before = acknowledged.length;
        await until(() => acknowledged.length > before + 500, { deadlineMs: 60_000, what: 'progress after the kills' });
        stop = true;
        await Promise.all(senders);
        expect(killedInFlight).toBeGreaterThan(0); // else nothing was tried
        const stored = (await Promise.all([0, 1, 2].map((partition) => valuesOf(topic, partition)))).map((values) =>
          values.map(Number),
        );
        const all = stored.flat().sort((left, right) => left - right);
        expect(all).toEqual([...acknowledged].sort((left, right) => left - right));
        for (const own of stored) expect(own).toEqual([...own].sort((left, right) => left - right));
      }),
      180_000,
    );

    test.each([
      { ended: 'committed', commit: true, left: ['hangs'] },
      { ended: 'aborted', commit: false, left: [] },
    ])('a transaction that was $ended and hangs ends so at the next claim', async ({ commit, left }) => {
      const [input, output, marked] = [await declare(1), await declare(1), await declare(1)];
      await hang(kafka, { transactionalId: `${output}.s.${input}/0`, hidden: output, marked, commit });
      const behind = openPublisher(kafka, new Map([['main', { topic: output, partitions: 1 }]]));
      await using _ = behind;
      await behind.publish([outputOf(1)]);
      expect(await valuesOf(output, 0)).toEqual([]); // held up
      const routes = new Map([['main', { topic: output, partitions: 1 }]]);
      await using sink = openKafkaSink(kafka, { pipeline: output, stage: 's', groupId: output, routes, changelog: null });
      await sink.claim(`${input}/0`, new AbortController().signal);
      await until(async () => (await valuesOf(output, 0)).length > 0, { deadlineMs: 10_000, what: 'what came after' });
      expect(await valuesOf(output, 0)).toEqual([...left, '1']);
    });

    const feed = async (input: string, count: number): Promise<void> => {
      await using publisher = openPublisher(kafka, new Map([['main', { topic: input, partitions: 3 }]]));
      await publisher.publish(Array.from({ length: count }, (_, number) => outputOf(number)));
    };
    /** An offset in an open transaction, as a worker that was killed leaves it, is not settled. */
    const settledIn = async (groupId: string, at: TopicPartition): Promise<number> => {
      try {
        return (await committedOffset(kafka, groupId, at)) ?? 0;
      } catch (thrown) {
        if (busy.caused(thrown)) return 0;
        throw thrown;
      }
    };
    /** Where the group stands, in records, and how many there are. */
    const progress = async (groupId: string, input: string): Promise<{ settled: number; total: number }> => {
      const each = await Promise.all(
        [0, 1, 2].map(async (partition) => {
          const at = { topic: input, partition };
          return { settled: await settledIn(groupId, at), total: await endOf(kafka, at, 'latest') };
        }),
      );
      return each.reduce((sum, one) => ({ settled: sum.settled + one.settled, total: sum.total + one.total }));
    };

    test(
      'each input is in the output exactly once and in order, with the worker killed three times and the broker once',
      seeded(async (random) => {
        const count = 9_000;
        const [input, output, changelog] = [await declare(3), await declare(3), await declare(3, 'compact')];
        const groupId = randomName('group');
        await feed(input, count);
        const unprotected = process.env['PENSTOCK_UNPROTECTED'] === '1'; // red on purpose, by hand
        const address = brokers.kafka.address;
        const order: WorkerOrder = {
          job: 'pump',
          driver,
          brokers: [address],
          input,
          output,
          outputPartitions: 3,
          changelog,
          groupId,
          unprotected,
        };
        for (let kills = 0; kills < 3; kills += 1) {
          await using worker = startWorker(order);
          await flowing(worker, 3 + Math.floor(random() * 60));
          await worker.kill('SIGKILL');
          const { settled, total } = await progress(groupId, input);
          expect(settled).toBeLessThan(total); // a kill with nothing in flight proves nothing
        }
        await using last = startWorker(order);
        await flowing(last, 10);
        await brokers.kafka.kill();
        await brokers.kafka.start();
        await until(
          async () => {
            const { settled, total } = await progress(groupId, input);
            return settled === total;
          },
          { deadlineMs: 90_000, what: 'everything to be settled' },
        );
        expect(await last.kill('SIGTERM')).toBe(0);
        const stored = (await Promise.all([0, 1, 2].map((partition) => valuesOf(output, partition)))).map((values) =>
          values.map(parseNumbered),
        );
        expect(
          stored
            .flat()
            .map(({ number }) => number)
            .sort((left, right) => left - right),
        ).toEqual(Array.from({ length: count }, (_, number) => number));
        for (const own of stored) {
          expect(own.map(({ number }) => number)).toEqual(own.map(({ number }) => number).sort((left, right) => left - right));
          if (!unprotected) expect(own.map(({ nth }) => nth)).toEqual(own.map((_, index) => index + 1)); // the state moved with the outputs
        }
      }),
      300_000,
    );
  });
}

interface HangingTransaction {
  readonly transactionalId: string;
  /** Gets a record, and no marker. */
  readonly hidden: string;
  readonly marked: string;
  readonly commit: boolean;
}

/** As a coordinator leaves it that found no leader for a partition: here it never heard of the partition. */
async function hang(
  { cluster, driver, config }: Kafka,
  { transactionalId, hidden, marked, commit }: HangingTransaction,
): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers: [...config.brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
  const configEntries = [{ name: 'transaction.partition.verification.enable', value: 'false' }];
  await admin.alterConfigs({ validateOnly: false, resources: [{ type: 4, name: '1', configEntries }] });
  await admin.disconnect();
  const at = await until(() => cluster.coordinator('transaction', transactionalId, 'send').catch(() => null), {
    deadlineMs: 15_000,
    what: 'a coordinator',
  });
  const request = { transactionalId, transactionTimeoutMs: 60_000 };
  const identity = await until(() => driver.initProducer(at, request).catch(() => null), {
    deadlineMs: 15_000,
    what: 'a producer',
  });
  const transaction = { ...identity, transactionalId };
  await driver.addPartitions(at, transaction, [{ topic: marked, partition: 0 }]);
  const records = [{ key: null, value: utf8.encode('hangs'), headers: [] }];
  const batches = [hidden, marked].map((topic) => ({ topic, partition: 0, firstSequence: 0, records }));
  const leader = await cluster.leader({ topic: hidden, partition: 0 }, 'send');
  await driver.produce(leader, { transactionalId, producer: identity, compression: 'none', timeoutMs: 5_000, batches });
  await driver.endTransaction(at, transaction, commit);
}

function outputOf(number: number): { id: string; route: string; key: Uint8Array; payload: Uint8Array; headers: [] } {
  const bytes = utf8.encode(String(number));
  return { id: String(number), route: 'main', key: bytes, payload: bytes, headers: [] };
}

function parseNumbered(value: string): { number: number; nth: number } {
  const [number, , nth] = value.split(' ');
  return { number: Number(number), nth: Number(nth) };
}

function flowing(worker: Worker, deliveries: number): Promise<true> {
  const settled = (): number => worker.lines.filter((line) => line.startsWith('settled')).length;
  return until(() => settled() >= deliveries, {
    deadlineMs: 60_000,
    what: `${deliveries} deliveries to be settled; the worker said:\n${worker.lines.slice(-5).join('\n')}`,
  });
}
