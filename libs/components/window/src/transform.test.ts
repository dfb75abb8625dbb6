import { describe, expect, test } from '@jest/globals';
import { type Field, Rows, rowFate } from '@penstock/kernel';
import {
  type Batch,
  factFields,
  factSlots,
  type Header,
  type LaneContext,
  StateStores,
  type Transform,
} from '@penstock/pipeline';
import { createWindow, type WindowSettings } from './transform.ts';

const slots: readonly Field[] = [
  ...factFields,
  { name: 'co2Ppm', type: 'number', nullable: true },
  { name: 'key', type: 'string', nullable: false },
  { name: 'windowStartMs', type: 'time', nullable: false },
  { name: 'windowEndMs', type: 'time', nullable: false },
  { name: 'count', type: 'integer', nullable: false },
  { name: 'co2Mean', type: 'number', nullable: true },
];
const co2Mean = 8;
const settings: WindowSettings = {
  stage: 'preprocess',
  tumblingMs: 60_000,
  latenessMs: 30_000,
  idleMs: 10_000,
  aggregates: [{ kind: 'mean', slot: co2Mean, value: (rows, row) => rows.numbers(3)[row] as number }],
  slots: { key: 4, windowStartMs: 5, windowEndMs: 6, count: 7 },
};

interface Reading {
  readonly timeMs: number;
  readonly key?: string;
  readonly value?: number;
}

interface Bench {
  readonly rows: Rows;
  readonly transform: Transform;
  feed(readings: readonly Reading[], nowMs?: number): void;
  tick(nowMs: number, caughtUpAtMs: number | null): void;
  closed(): readonly { id: unknown; count: unknown; mean: unknown }[];
}

function createBench(): Bench {
  const rows = new Rows(slots);
  const transform = createWindow(settings)(new StateStores());
  const annotated: [number, readonly Header[]][] = [];
  const context = (nowMs: number): LaneContext => ({
    lane: 'rooms.raw/0',
    batch: { position: (row: number) => row } as Batch,
    nowMs,
    annotate: (row, headers) => void annotated.push([row, headers]),
  });
  return {
    rows,
    transform,
    feed(readings, nowMs = 0) {
      rows.reset(readings.length);
      readings.forEach(({ timeMs, key = 'b/r', value = Number.NaN }, row) => {
        rows.values(factSlots.key)[row] = key;
        rows.numbers(factSlots.timeMs)[row] = timeMs;
        rows.numbers(3)[row] = value;
      });
      void transform.process(rows, context(nowMs));
    },
    tick(nowMs, caughtUpAtMs) {
      rows.reset(0);
      transform.tick?.(rows, context(nowMs), { nowMs, caughtUpAtMs });
    },
    closed() {
      const appended = Array.from({ length: rows.length - rows.inputs }, (_, index) => rows.inputs + index);
      return appended.map((row) => ({
        id: rows.values(factSlots.id)[row],
        count: rows.numbers(7)[row],
        mean: rows.numbers(co2Mean)[row],
      }));
    },
  };
}

describe('the tumbling window', () => {
  test('absorbs readings and comes out once time has passed it by the lateness', () => {
    const bench = createBench();
    bench.feed([{ timeMs: 1_000, value: 400 }, { timeMs: 59_000, value: 500 }, { timeMs: 61_000 }]);
    expect([...bench.rows.fate.subarray(0, 3)]).toEqual([rowFate.absorbed, rowFate.absorbed, rowFate.absorbed]);
    expect(bench.closed()).toEqual([]);
    bench.feed([{ timeMs: 90_000, value: 410 }]);
    expect(bench.closed()).toEqual([{ id: 'preprocess/b/r/0/0', count: 2, mean: 450 }]);
  });

  test('a value that is not there counts as a reading and not in the mean', () => {
    const bench = createBench();
    bench.feed([{ timeMs: 1_000, value: 400 }, { timeMs: 2_000 }, { timeMs: 100_000 }]);
    expect(bench.closed()).toEqual([{ id: 'preprocess/b/r/0/0', count: 2, mean: 400 }]);
  });

  test('what belongs to a closed window is late', () => {
    const bench = createBench();
    bench.feed([{ timeMs: 100_000 }, { timeMs: 59_999 }, { timeMs: 60_000 }]);
    expect([...bench.rows.fate.subarray(0, 3)]).toEqual([rowFate.absorbed, rowFate.late, rowFate.absorbed]);
  });

  test('keys do not wait for each other and do not make each other late', () => {
    const bench = createBench();
    bench.feed([
      { timeMs: 1_000, key: 'slow' },
      { timeMs: 900_000, key: 'fast' },
      { timeMs: 2_000, key: 'slow' },
    ]);
    expect([...bench.rows.fate.subarray(0, 3)]).toEqual([rowFate.absorbed, rowFate.absorbed, rowFate.absorbed]);
    expect(bench.closed()).toEqual([]);
  });

  test('an idle key closes only after it was silent while the lane was caught up all the time', () => {
    const bench = createBench();
    bench.feed([{ timeMs: 1_000, value: 400 }], 0);
    for (const nowMs of [1_000, 4_000, 8_000]) bench.tick(nowMs, nowMs);
    expect(bench.closed()).toEqual([]);
    bench.tick(11_000, 11_000);
    expect(bench.closed()).toEqual([{ id: 'preprocess/b/r/0/0', count: 1, mean: 400 }]);
    bench.feed([{ timeMs: 60_000 }], 12_000); // the watermark stands at the end of the closed window and no further
    expect(bench.rows.fate[0]).toBe(rowFate.absorbed);
  });

  test('a broker that was away does not make a key idle: the count starts over', () => {
    const bench = createBench();
    bench.feed([{ timeMs: 1_000 }], 0);
    bench.tick(1_000, 1_000);
    bench.tick(60_000, 1_000); // frozen: no proof since
    bench.tick(61_000, 61_000);
    bench.tick(66_000, 66_000);
    expect(bench.closed()).toEqual([]);
    bench.tick(70_000, 70_000);
    bench.tick(71_000, 71_000);
    expect(bench.closed()).toHaveLength(1);
  });
});
