import { describe, expect, test } from '@jest/globals';
import type { StagePlan } from '@penstock/document';
import { type Clock, type Field, Rows } from '@penstock/kernel';
import { type Batch, factFields, type Header } from '@penstock/pipeline';
import { createIntake, createRowFacts } from './row-facts.ts';

const slots: readonly Field[] = [
  ...factFields,
  { name: 'observedAtMs', type: 'time', nullable: false },
  { name: 'room', type: 'string', nullable: false },
];
const at = { time: 3, room: 4, levels: 4 };
const clock: Clock = { nowMs: () => 1_000_000, sleep: async () => undefined };
const utf8 = new TextEncoder();

function planOf(more: Partial<Pick<StagePlan, 'from' | 'facts' | 'set' | 'levelsSlot'>>): StagePlan {
  const facts = { identity: null, key: null, timeSlot: at.time, aheadMsMax: 300_000 };
  const plan = { name: 'ingest', from: { kind: 'mqtt', config: {} }, facts, set: [], levelsSlot: null, slots, ...more };
  return plan as unknown as StagePlan;
}

function batchOf(headers: readonly Header[] = []): Batch {
  return {
    lane: 'rooms.raw/2',
    from: 40,
    to: 41,
    length: 1,
    bytes: 1,
    key: () => utf8.encode('office/one'),
    payload: () => null,
    headers: () => headers,
    position: (row) => 40 + row,
    arrivedAtMs: () => 999_000,
  };
}

function rowsWith(timeMs: number): Rows {
  const rows = new Rows(slots);
  rows.reset(1);
  rows.numbers(at.time)[0] = timeMs;
  rows.values(at.room)[0] = 'one';
  return rows;
}

const facts = (evaluate: Partial<StagePlan['facts']>): StagePlan['facts'] => ({
  identity: null,
  key: null,
  timeSlot: at.time,
  aheadMsMax: 300_000,
  ...evaluate,
});
const fromKafka = { kind: 'kafka', topic: 'rooms.raw', partitions: 4 } as const;

describe('what identifies a row', () => {
  test('is its expression at ingest, and a missing part of it rejects the row', () => {
    const found = createRowFacts(planOf({ facts: facts({ identity: () => 'co2/7' }) }), clock);
    expect(found.id(batchOf(), rowsWith(0), 0)).toBe('co2/7');
    const missing = createRowFacts(planOf({ facts: facts({ identity: () => null }) }), clock);
    expect(() => missing.id(batchOf(), rowsWith(0), 0)).toThrow(
      expect.objectContaining({ code: 'stage.no-identity', remedy: 'reject' }),
    );
  });

  test('is its stamp further on, and its place where nobody stamped it', () => {
    const found = createRowFacts(planOf({ from: fromKafka }), clock);
    expect(found.id(batchOf([['ce_id', utf8.encode('co2/7')]]), rowsWith(0), 0)).toBe('co2/7');
    expect(found.id(batchOf(), rowsWith(0), 0)).toBe('rooms.raw/2/40');
  });
});

describe('event time', () => {
  test('that lies too far ahead rejects the row at ingest, never further on', () => {
    const late = rowsWith(1_000_000 + 300_001);
    const atIngest = createRowFacts(planOf({}), clock);
    expect(() => atIngest.timeMs(batchOf(), late, 0)).toThrow(expect.objectContaining({ code: 'stage.ahead-of-time' }));
    expect(createRowFacts(planOf({ from: fromKafka }), clock).timeMs(batchOf(), late, 0)).toBe(1_300_001);
  });

  test('that is missing rejects the row', () => {
    const found = createRowFacts(planOf({}), clock);
    expect(() => found.timeMs(batchOf(), rowsWith(Number.NaN), 0)).toThrow(
      expect.objectContaining({ code: 'stage.no-event-time' }),
    );
  });
});

describe('columns beside the payload', () => {
  const set = [{ slot: at.room, evaluate: (rows: Rows, row: number) => (rows.values(at.levels)[row] as string[])[3] ?? null }];
  const end = { source: null as never, decoder: null as never, levels: () => ['building', 'office', 'room', 'two'] };

  test('are filled from the levels of the topic', () => {
    const rows = rowsWith(0);
    createIntake(planOf({ set, levelsSlot: at.levels }), end)?.fill(batchOf(), rows, 0);
    expect(rows.values(at.room)[0]).toBe('two');
  });

  test('reject a row whose topic has no such level', () => {
    const short = { ...end, levels: () => ['building'] };
    const intake = createIntake(planOf({ set, levelsSlot: at.levels }), short);
    expect(() => intake?.fill(batchOf(), rowsWith(0), 0)).toThrow(expect.objectContaining({ code: 'stage.not-set' }));
  });
});
