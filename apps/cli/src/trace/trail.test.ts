import { expect, test } from '@jest/globals';
import type { StagePlan } from '@penstock/document';
import { type FoundRecord, foundRecordOf, originOf, parsePlace, refusedAt } from './found-record.ts';
import { topicsInOrder } from './topic-order.ts';
import { Trail } from './trail.ts';

function record(place: string, headers: Readonly<Record<string, string>> = {}, key = 'b/r'): FoundRecord {
  const { topic, partition, offset } = parsePlace(place) as { topic: string; partition: number; offset: number };
  const wire = Object.entries(headers).map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const);
  return foundRecordOf({ topic, partition }, { offset, timestampMs: 0, key: Buffer.from(key), value: null, headers: wire });
}

const windowOf = (lane: string, first: number, last: number) => ({
  ce_id: 'preprocess/b/r/60000/0',
  penstock_from_lane: lane,
  penstock_from_first: String(first),
  penstock_from_last: String(last),
});

test('a reading leads to the window it went into, and on to what became of that', () => {
  const trail = new Trail('sensor/7');
  const reading = record('rooms.raw/2/105', { ce_id: 'sensor/7' });
  expect(trail.leadsTo(reading)).toBe(true);
  trail.add(reading);
  const window = record('rooms.features/2/9', windowOf('rooms.raw/2', 100, 110));
  expect(trail.leadsTo(window)).toBe(true);
  trail.add(window);
  expect(trail.leadsTo(record('rooms.predictions/2/9', { ce_id: 'preprocess/b/r/60000/0' }))).toBe(true);
});

test.each([
  ['another key', windowOf('rooms.raw/2', 100, 110), 'b/other'],
  ['another partition', windowOf('rooms.raw/3', 100, 110), 'b/r'],
  ['a stretch that ends before', windowOf('rooms.raw/2', 90, 104), 'b/r'],
])('a window of %s is none of it', (_what, headers, key) => {
  const trail = new Trail('sensor/7');
  trail.add(record('rooms.raw/2/105', { ce_id: 'sensor/7' }));
  expect(trail.leadsTo(record('rooms.features/2/9', headers, key))).toBe(false);
});

test('a dead letter is known by where it was refused, a foreign record by its place', () => {
  const trail = new Trail('rooms.raw/2/105');
  trail.add(record('rooms.raw/2/105'));
  const letter = record('rooms.dead/0/1', { penstock_lane: 'rooms.raw/2', penstock_position: '105' });
  expect(refusedAt(letter)).toBe('rooms.raw/2/105');
  expect(trail.leadsTo(letter)).toBe(true);
  expect(trail.leadsTo(record('rooms.dead/0/2', { penstock_lane: 'rooms.raw/2', penstock_position: '106' }))).toBe(false);
  expect(originOf(letter)).toBeNull();
});

test('topics come in the order in which records go through them, whatever the order of the stages', () => {
  const stage = (from: string | null, to: string): StagePlan =>
    ({
      from: from === null ? { kind: 'mqtt' } : { kind: 'kafka', topic: from, partitions: 1 },
      to: { kind: 'kafka', topic: to, partitions: 1 },
      late: null,
      dead: { topic: 'dead', partitions: 1 },
    }) as unknown as StagePlan;
  const order = topicsInOrder([stage('b', 'c'), stage('a', 'b'), stage(null, 'a')]).filter((topic) => topic !== 'dead');
  expect(order).toEqual(['a', 'b', 'c']);
  expect(new Set(topicsInOrder([stage('a', 'b'), stage('b', 'a')]))).toEqual(new Set(['a', 'b', 'dead']));
});
