import { describe, expect, test } from '@jest/globals';
import type { Assignment, Batch, Source } from '@penstock/pipeline';
import { randomName, until } from '@penstock/testing';
import type { Kafka } from '../kafka.ts';
import { committedOffset, endOf } from '../partition-reader.ts';
import { openKafkaSource } from '../source.ts';
import { type DriverName, firstOf, layGround, never, numbered, rowsOf, take, takeFrom } from './ground.ts';

/** What every driver must do for a source. */
export function describeSource(driver: DriverName): void {
  describe(driver, () => {
    const { kafka, open, topic, fill } = layGround(driver);

    describe('a source', () => {
      const limits = {
        sessionTimeoutMs: 6_000,
        heartbeatMs: 300,
        commitMs: 100,
        batchRowsMax: 10,
        fetchBytesMax: 2_000,
        aheadBytesMax: 1_000,
        aheadBatchesMax: 3,
      };
      const source = (name: string, groupId: string, own: Kafka = kafka) =>
        openKafkaSource(own, { groupId, topics: [name], commits: 'source', limits });

      test('reads again from an earlier position, with nothing in between lost', async () => {
        const name = await topic(1);
        await fill(name, 1, numbered(100));
        await using reader = source(name, randomName('group'));
        const assignment = await firstOf(reader.assignments(never));
        const forth = await take(assignment.batches(null), 60);
        for (const from of [20, 90, 0]) {
          const again = await take(assignment.batches(from), 100 - from);
          expect(again).toEqual(numbered(100).slice(from));
        }
        expect(forth.slice(0, 60)).toEqual(numbered(60));
      });

      test('ends an iteration when a new one begins, and no batch of the old one slips into it', async () => {
        const name = await topic(1);
        await fill(name, 1, numbered(100));
        await using reader = source(name, randomName('group'));
        const assignment = await firstOf(reader.assignments(never));
        const old = assignment.batches(null)[Symbol.asyncIterator]();
        await old.next();
        const fresh = assignment.batches(10)[Symbol.asyncIterator]();
        expect((await fresh.next()).value?.from).toBe(10);
        expect((await old.next()).done).toBe(true);
        expect((await fresh.next()).value?.from).toBe(20);
        await fresh.return?.();
      });

      test('reads ahead boundedly, keeps its membership while a lane waits, and lets others flow', async () => {
        const name = await topic(2);
        await fill(
          name,
          2,
          Array.from({ length: 2_000 }, (_, index) => `${index} ${'y'.repeat(100)}`),
        );
        let fetched = 0;
        const counting = open();
        await using _ = counting;
        const { fetch } = counting.driver;
        counting.driver.fetch = async (at, request) => {
          fetched += request.partitions[0]?.partition === 0 ? 1 : 0;
          return fetch(at, request);
        };
        await using reader = source(name, randomName('group'), counting);
        const lanes = await takeFrom(reader.assignments(never), 2);
        const waiting = lanes.find(({ lane }) => lane.endsWith('/0')) as Assignment;
        const flowing = lanes.find(({ lane }) => lane.endsWith('/1')) as Assignment;
        const held = waiting.batches(null)[Symbol.asyncIterator]();
        expect((await held.next()).value?.from).toBe(0);
        const rest = await endOf(kafka, { topic: name, partition: 1 }, 'latest');
        expect(await take(flowing.batches(null), rest)).toHaveLength(rest);
        const startedAt = performance.now();
        await until(() => performance.now() - startedAt > limits.sessionTimeoutMs * 1.3, {
          deadlineMs: 20_000,
          what: 'more than a session time-out',
        });
        expect(fetched).toBeLessThanOrEqual(4);
        expect(waiting.revoked.aborted).toBe(false);
        expect((await held.next()).value?.from).toBe(10);
        await held.return?.();
      }, 40_000);

      test('hands its lanes over when it leaves, and nothing is lost or skipped', async () => {
        const name = await topic(4);
        await fill(name, 4, numbered(400));
        const groupId = randomName('group');
        const seen = new Map<string, number>();
        const handed = new Map<string, number>();
        const everything = (count: number) =>
          until(() => new Set([...seen.keys(), ...handed.keys()]).size === count, {
            deadlineMs: 20_000,
            what: `${count} records`,
          });
        await using first = source(name, groupId);
        const firstRun = consume(first, seen);
        await everything(400);
        await using leaver = source(name, groupId);
        const secondRun = consume(leaver, handed);
        await until(() => secondRun.lanes.size === 2, { deadlineMs: 20_000, what: 'the second member to own half of the lanes' });
        await fill(name, 4, numbered(800).slice(400));
        await everything(800);
        expect(handed.size).toBeGreaterThan(100);
        await leaver[Symbol.asyncDispose]();
        await fill(name, 4, numbered(1_200).slice(800));
        await everything(1_200);
        await until(async () => (await lag(name, groupId)) === 0, {
          deadlineMs: 10_000,
          what: 'the committed offsets to reach the end',
        });
        await first[Symbol.asyncDispose]();
        await Promise.all([firstRun.ended, secondRun.ended]);
        expect([...handed.keys()].filter((value) => Number(value) >= 800)).toEqual([]);
      }, 60_000);

      test('proves that it is caught up, and only then says so', async () => {
        const name = await topic(1);
        await fill(name, 1, numbered(30));
        await using reader = source(name, randomName('group'));
        const assignment = await firstOf(reader.assignments(never));
        expect(assignment.caughtUpAtMs()).toBeNull();
        const batches = assignment.batches(null)[Symbol.asyncIterator]();
        await batches.next();
        expect(assignment.caughtUpAtMs()).toBeNull();
        await batches.next();
        await batches.next();
        const pending = batches.next();
        const provenAtMs = await until(() => assignment.caughtUpAtMs(), { deadlineMs: 5_000, what: 'the proof' });
        expect(Math.abs(Date.now() - provenAtMs)).toBeLessThan(2_000);
        await until(() => (assignment.caughtUpAtMs() ?? 0) > provenAtMs, { deadlineMs: 5_000, what: 'a later proof' });
        await fill(name, 1, ['more']);
        expect(rowsOf((await pending).value as Batch)).toEqual(['more']);
        await batches.return?.();
      });

      const lag = async (name: string, groupId: string): Promise<number> => {
        const each = [0, 1, 2, 3].map(async (partition) => {
          const at = { topic: name, partition };
          return (await endOf(kafka, at, 'latest')) - ((await committedOffset(kafka, groupId, at)) ?? 0);
        });
        return (await Promise.all(each)).reduce((sum, one) => sum + one);
      };
    });
  });
}

/** Reads and settles every lane until the source is closed. */
function consume(source: Source, seen: Map<string, number>): { lanes: Set<string>; ended: Promise<void> } {
  const lanes = new Set<string>();
  const flow = async (assignment: Assignment): Promise<void> => {
    lanes.add(assignment.lane);
    for await (const batch of assignment.batches(null)) {
      for (const value of rowsOf(batch)) seen.set(value, (seen.get(value) ?? 0) + 1);
      assignment.settle(batch.to, []);
    }
  };
  const run = async (): Promise<void> => {
    const flows: Promise<void>[] = [];
    for await (const assignment of source.assignments(never)) flows.push(flow(assignment));
    await Promise.all(flows);
  };
  return { lanes, ended: run() };
}
