import { describe, expect, test } from '@jest/globals';
import { Problem } from '@penstock/kernel';
import type { Output, RefusedOutput, StateChange } from '@penstock/pipeline';
import { brokers, randomName, until } from '@penstock/testing';
import { committedOffset } from '../partition-reader.ts';
import { tooLarge } from '../problems.ts';
import { openKafkaSink } from '../sink.ts';
import { collect, type DriverName, deliveryOf, layGround, never, placed } from './ground.ts';
import { startWorker } from './worker-process.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder();
const noBury = async (): Promise<void> => undefined;

/** What every driver must do with transactions and claims. */
export function describeTransactions(driver: DriverName): void {
  describe(driver, () => {
    const { kafka, topic, fill, values, eventually, producer } = layGround(driver);

    describe('transactions', () => {
      test('that are aborted are never read', async () => {
        const name = await topic(1);
        const sender = producer(randomName('transaction'));
        await sender.initialise();
        for (const [value, commit] of [
          ['a', true],
          ['b', false],
          ['c', true],
          ['d', false],
        ] as const) {
          await sender.send([placed(name, value), placed(name, `${value}2`)]);
          await sender.end(commit);
        }
        await eventually(name, ['a', 'a2', 'c', 'c2']);
      });

      test('of a worker that was killed are released at the next claim, and nothing of them is seen', async () => {
        const [input, output, changelog] = [await topic(1), await topic(1), await topic(1, { cleanup: 'compact' })];
        const groupId = randomName('group');
        const worker = startWorker({
          job: 'leave a transaction open',
          driver,
          brokers: [brokers().kafka],
          input,
          output,
          outputPartitions: 1,
          changelog,
          groupId,
        });
        await using _ = worker;
        await until(() => worker.lines.includes('open'), { deadlineMs: 15_000, what: 'an open transaction' });
        await worker.kill('SIGKILL');
        await fill(output, 1, ['after']);
        expect(await values(output)).toEqual([]); // readers of committed records are held up: its time-out is ten minutes
        await using sink = openKafkaSink(kafka, {
          pipeline: groupId,
          stage: 'number',
          groupId,
          routes: new Map([['main', { topic: output, partitions: 1 }]]),
          changelog,
        });
        const claim = await sink.claim(`${input}/0`, never);
        expect(claim.position).toBe(0);
        await eventually(output, ['after']);
      }, 40_000);

      test('of an owner that was succeeded are refused', async () => {
        const [input, output] = [await topic(1), await topic(1)];
        const groupId = randomName('group');
        const options = {
          pipeline: groupId,
          stage: 's',
          groupId,
          routes: new Map([['main', { topic: output, partitions: 1 }]]),
          changelog: null,
        };
        await using sinks = openKafkaSink(kafka, options);
        const zombie = await sinks.claim(`${input}/0`, never);
        await zombie.deliver(deliveryOf(`${input}/0`, [0, 1], ['first']), noBury, never);
        const successor = await sinks.claim(`${input}/0`, never);
        expect(successor.position).toBe(1);
        const refused = zombie.deliver(deliveryOf(`${input}/0`, [1, 2], ['zombie']), noBury, never);
        await expect(refused).rejects.toMatchObject({ kind: { code: 'lane.fenced' } });
        await successor.deliver(deliveryOf(`${input}/0`, [1, 2], ['second']), noBury, never);
        await eventually(output, ['first', 'second']);
        await until(async () => (await committedOffset(kafka, groupId, { topic: input, partition: 0 })) === 2, {
          deadlineMs: 5_000,
          what: 'the committed offset',
        });
      });

      test('hold outputs, state and the position together; a tick moves no position', async () => {
        const [input, output, changelog] = [await topic(2), await topic(3), await topic(2, { cleanup: 'compact' })];
        const groupId = randomName('group');
        const routes = new Map([['main', { topic: output, partitions: 3 }]]);
        await using sink = openKafkaSink(kafka, { pipeline: groupId, stage: 's', groupId, routes, changelog });
        const claim = await sink.claim(`${input}/1`, never);
        const change = (key: string, value: string | null): StateChange => ({
          store: 'store',
          key: utf8.encode(key),
          value: value === null ? null : utf8.encode(value),
        });
        await Promise.all([
          claim.deliver(
            { ...deliveryOf(`${input}/1`, [0, 5], ['one']), changes: [change('a', '1'), change('b', '1'), change('c', '1')] },
            noBury,
            never,
          ),
          claim.deliver(
            { ...deliveryOf(`${input}/1`, [5, 9], ['two']), changes: [change('a', '2'), change('b', null)] },
            noBury,
            never,
          ),
        ]);
        await claim.deliver({ ...deliveryOf(`${input}/1`, [9, 9], ['tick']), changes: [change('c', '3')] }, noBury, never);
        const again = await sink.claim(`${input}/1`, never);
        expect(again.position).toBe(9);
        const restored = await collect(again.restore());
        expect(
          restored.map(({ store, key, value }) => [store, text.decode(key), text.decode(value ?? new Uint8Array())]).sort(),
        ).toEqual([
          ['store', 'a', '2'],
          ['store', 'c', '3'],
        ]);
        expect([...(await values(output, 0)), ...(await values(output, 1)), ...(await values(output, 2))].sort()).toEqual([
          'one',
          'tick',
          'two',
        ]);
      });

      test('bury a record that is too large for the broker, and store the rest', async () => {
        const [input, output, dead] = [
          await topic(1),
          await topic(1, { batchBytesMax: 10_000 }),
          await topic(1, { batchBytesMax: 200_000 }),
        ];
        const groupId = randomName('group');
        const routes = new Map([
          ['main', { topic: output, partitions: 1 }],
          ['dead', { topic: dead, partitions: 1 }],
        ]);
        await using sink = openKafkaSink(kafka, { pipeline: groupId, stage: 's', groupId, routes, changelog: null });
        const claim = await sink.claim(`${input}/0`, never);
        const refused: RefusedOutput[] = [];
        const delivery = deliveryOf(`${input}/0`, [0, 3], ['small', 'x'.repeat(20_000), 'last']);
        const bury = (own: readonly RefusedOutput[]): Promise<void> => {
          refused.push(...own);
          const letters = own.map(
            ({ output: index }): Output => ({
              ...(delivery.outputs[index] as Output),
              route: 'dead',
              headers: [['penstock_lane', utf8.encode(`${input}/0`)]],
            }),
          );
          return sink.bury(letters);
        };
        await claim.deliver(delivery, bury, never);
        expect(refused.map(({ output: index, problem }) => [index, tooLarge.caused(problem)])).toEqual([[1, true]]);
        await eventually(output, ['small', 'last']);
        expect((await values(dead)).map(({ length }) => length)).toEqual([20_000]);
        await until(async () => (await committedOffset(kafka, groupId, { topic: input, partition: 0 })) === 3, {
          deadlineMs: 5_000,
          what: 'the committed offset',
        });
      });

      test('of a claim that was let go store nothing', async () => {
        const [input, output] = [await topic(1), await topic(1)];
        const groupId = randomName('group');
        const options = {
          pipeline: groupId,
          stage: 's',
          groupId,
          routes: new Map([['main', { topic: output, partitions: 1 }]]),
          changelog: null,
        };
        await using sink = openKafkaSink(kafka, { ...options, limits: { transactionMs: 60_000 } });
        const claim = await sink.claim(`${input}/0`, never);
        const refused = claim
          .deliver(deliveryOf(`${input}/0`, [0, 1], ['never']), noBury, never)
          .catch((thrown: unknown) => thrown);
        await claim[Symbol.asyncDispose]();
        expect(await refused).toBeInstanceOf(Problem);
        expect(await values(output)).toEqual([]);
        expect((await sink.claim(`${input}/0`, never)).position).toBe(0);
      });
    });
  });
}
