import { describe, expect, test } from '@jest/globals';
import { randomName, until } from '@penstock/testing';
import { followTopic } from '../topic-following.ts';
import { ensureTopics } from '../topics.ts';
import { type DriverName, layGround, never, numbered, placed } from './ground.ts';

/** What every driver must do for those who fold a topic. */
export function describeFollowing(driver: DriverName): void {
  describe(`${driver}, following a topic`, () => {
    const { kafka, topic, fill, producer } = layGround(driver);

    const follow = async (name: string) => {
      const applied: string[] = [];
      const apply = ({ value }: { value: Uint8Array | null }): void => void applied.push(String(value));
      return { applied, following: await followTopic(kafka, { topic: name, signal: never, apply }) };
    };

    test('has applied what was there when it begins, and applies what comes later', async () => {
      const name = await topic(1);
      await fill(name, 1, numbered(500));
      const { applied, following } = await follow(name);
      await using _ = following;
      expect(applied).toEqual(numbered(500));
      await fill(name, 1, ['late']);
      await until(() => applied.length === 501, { deadlineMs: 5_000, what: 'the late record' });
    });

    test('begins at once with an empty topic', async () => {
      const { applied, following } = await follow(await topic(1));
      await following[Symbol.asyncDispose]();
      expect(applied).toEqual([]);
    });

    test('syncs to what was stored before the call, a transaction and its marker included', async () => {
      const name = await topic(1);
      const { applied, following } = await follow(name);
      await using _ = following;
      for (let index = 0; index < 5; index += 1) {
        await fill(name, 1, [`record ${index}`]);
        await following.sync();
        expect(applied).toHaveLength(index + 1);
      }
      const sender = producer(randomName('transaction'));
      await sender.initialise();
      await sender.send([placed(name, 'aborted')]);
      await sender.end(false);
      await following.sync();
      expect(applied).toHaveLength(5);
    });

    test('waits for a topic that does not exist yet', async () => {
      const name = randomName('kafka');
      const waiting: string[] = [];
      const beginning = followTopic(kafka, {
        topic: name,
        signal: never,
        apply: () => undefined,
        waiting: ({ code }) => void waiting.push(code),
      });
      await until(() => waiting.length > 1, { deadlineMs: 5_000, what: 'two waits' });
      // Looked at before it is made: a topic that was just made has no leader for a moment.
      expect(new Set(waiting)).toEqual(new Set(['kafka.unknown-topic']));
      await ensureTopics(kafka, [{ topic: name, partitions: 1, cleanup: 'compact', retentionMs: -1 }]);
      await (await beginning)[Symbol.asyncDispose]();
    });
  });
}
