import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Point, pointsMax, Trail, trailCodec } from './trail.ts';

const windowMs = 40;
const points = fc.array(
  fc.record({
    timeMs: fc.integer({ min: 0, max: 200 }),
    value: fc.oneof(
      fc.integer({ min: -3, max: 3 }),
      fc.double({ noNaN: true }).map((value) => value + 0),
    ),
  }),
  { minLength: 1, maxLength: 300 },
);

/** The plain way: a list that is sorted anew whenever it is asked. */
function plainTrail(extended: readonly Point[]): Point[] {
  let kept: Point[] = [];
  for (const point of extended) {
    const after = kept.findIndex(({ timeMs }) => timeMs > point.timeMs);
    kept.splice(after < 0 ? kept.length : after, 0, point);
    const newestMs = kept.at(-1)?.timeMs ?? 0;
    kept = kept.filter(({ timeMs }) => timeMs >= newestMs - windowMs).slice(-pointsMax);
  }
  return kept;
}

function plainMedian(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >>> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

test('a trail keeps what a plain list keeps, and knows its median and deviation', () => {
  fc.assert(
    fc.property(points, (extended) => {
      const trail = new Trail();
      for (const point of extended) trail.extend(point, windowMs);
      const kept = plainTrail(extended);
      expect(trail.points).toEqual(kept);
      const middle = plainMedian(kept.map(({ value }) => value));
      expect(trail.median()).toBe(middle);
      if (Number.isFinite(middle))
        expect(trail.deviation(middle)).toBe(plainMedian(kept.map(({ value }) => Math.abs(value - middle))));
    }),
    { numRuns: 300 },
  );
});

test('it comes back from the changelog as it went, wherever its bytes lie', () => {
  fc.assert(
    fc.property(points, fc.nat({ max: 7 }), (extended, offset) => {
      const trail = new Trail();
      for (const point of extended) trail.extend(point, windowMs);
      const bytes = trailCodec.encode(trail);
      const moved = new Uint8Array(bytes.length + offset);
      moved.set(bytes, offset);
      const restored = trailCodec.decode(moved.subarray(offset));
      expect(restored.points).toEqual(trail.points);
      expect(restored.median()).toBe(trail.median());
    }),
    { numRuns: 100 },
  );
});

test('forgets what left the window, keeps order, and stays bounded', () => {
  const trail = new Trail();
  for (const [timeMs, value] of [
    [5_000, 5],
    [4_000, 4],
    [8_500, 8],
  ] as const)
    trail.extend({ timeMs, value }, 4_000);
  expect(trail.points).toEqual([
    { timeMs: 5_000, value: 5 },
    { timeMs: 8_500, value: 8 },
  ]);
  for (let timeMs = 0; timeMs < 500; timeMs += 1) trail.extend({ timeMs: 8_500 + timeMs, value: timeMs }, 3_600_000);
  expect(trail.points).toHaveLength(pointsMax);
});
