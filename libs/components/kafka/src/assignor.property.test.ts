import { describe, expect, test } from '@jest/globals';
import { seeded } from '@penstock/testing';
import { assign } from './assignor.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type Subscription,
} from './consumer-protocol.ts';
import type { TopicPartition } from './port.ts';

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

describe('the assignor', () => {
  test(
    'gives every partition to exactly one member, evenly for each topic, and moves no more than it must',
    seeded((random) => {
      for (let run = 0; run < 300; run += 1) {
        const counts = new Map([
          ['a', 1 + Math.floor(random() * 12)],
          ['b', 1 + Math.floor(random() * 12)],
        ]);
        const total = (counts.get('a') ?? 0) + (counts.get('b') ?? 0);
        const ids = Array.from({ length: 1 + Math.floor(random() * 6) }, (_, index) => `member ${index}`);
        const fresh = new Map(ids.map((id): [string, Subscription] => [id, { topics: ['a', 'b'], owned: [] }]));
        const first = assign(fresh, (topic) => counts.get(topic) ?? 0);
        check(first, counts);
        const again = new Map(ids.map((id): [string, Subscription] => [id, { topics: ['a', 'b'], owned: first.get(id) ?? [] }]));
        expect(sets(assign(again, (topic) => counts.get(topic) ?? 0))).toEqual(sets(first));
        const fewer = new Map([...again].slice(1));
        if (fewer.size === 0) continue;
        const after = assign(fewer, (topic) => counts.get(topic) ?? 0);
        check(after, counts);
        const moved = [...after].flatMap(([id, own]) =>
          own.filter((each) => !first.get(id)?.some((one) => nameOf(one) === nameOf(each))),
        );
        expect(moved).toHaveLength(first.get(ids[0] as string)?.length ?? total);
      }
    }),
  );

  test('is understood over the wire', () => {
    const owned = [
      { topic: 'täglich', partition: 3 },
      { topic: 'b', partition: 0 },
      { topic: 'täglich', partition: 11 },
    ];
    const sorted = [...owned].sort((left, right) => nameOf(left).localeCompare(nameOf(right)));
    const back = decodeSubscription(encodeSubscription({ topics: ['täglich', 'b'], owned }));
    expect({ ...back, owned: [...back.owned].sort((left, right) => nameOf(left).localeCompare(nameOf(right))) }).toEqual({
      topics: ['täglich', 'b'],
      owned: sorted,
    });
    expect(decodeAssignment(encodeAssignment(owned)).map(nameOf).sort()).toEqual(owned.map(nameOf).sort());
    expect(decodeAssignment(Buffer.alloc(0))).toEqual([]);
  });
});

function sets(assigned: ReadonlyMap<string, readonly TopicPartition[]>): Map<string, string[]> {
  return new Map([...assigned].map(([id, own]) => [id, own.map(nameOf).sort()]));
}

function check(assigned: ReadonlyMap<string, readonly TopicPartition[]>, counts: ReadonlyMap<string, number>): void {
  const all = [...assigned.values()].flat().map(nameOf);
  const expected = [...counts].flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => `${topic}/${partition}`),
  );
  expect(all.sort()).toEqual(expected.sort());
  for (const topic of counts.keys()) {
    const loads = [...assigned.values()].map((own) => own.filter((each) => each.topic === topic).length);
    expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
  }
}
