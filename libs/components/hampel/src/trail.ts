import type { StateCodec } from '@penstock/pipeline';

/** The newest points kept for a key, whatever the window holds: state stays bounded. */
export const pointsMax = 101;

const capacityFirst = 16;

export interface Point {
  readonly timeMs: number;
  readonly value: number;
}

/** The trailing window of one key: its points by event time, oldest first, and its values once more in ascending order. */
export class Trail {
  #length = 0;
  #timesMs = new Float64Array(capacityFirst);
  #values = new Float64Array(capacityFirst);
  #ascending = new Float64Array(capacityFirst);

  static of(points: readonly Point[]): Trail {
    const trail = new Trail();
    for (const { timeMs, value } of points) trail.#insert(timeMs, value);
    return trail;
  }

  get length(): number {
    return this.#length;
  }

  get points(): Point[] {
    const at = (index: number): Point => ({ timeMs: this.#timesMs[index] as number, value: this.#values[index] as number });
    return Array.from({ length: this.#length }, (_, index) => at(index));
  }

  /** Adds a point in its place in time and lets go of those that left the window. */
  extend({ timeMs, value }: Point, windowMs: number): void {
    this.#insert(timeMs, value);
    const oldestMs = (this.#timesMs[this.#length - 1] as number) - windowMs;
    let gone = Math.max(0, this.#length - pointsMax);
    while ((this.#timesMs[gone] as number) < oldestMs) gone += 1;
    if (gone > 0) this.#forget(gone);
  }

  /** The middle value, or the mean of the two in the middle. The trail must not be empty. */
  median(): number {
    const ascending = this.#ascending;
    const middle = this.#length >>> 1;
    const upper = ascending[middle] as number;
    return this.#length % 2 === 1 ? upper : ((ascending[middle - 1] as number) + upper) / 2;
  }

  /** How many values lie less than `distance` away from `middle`, or a rounding more. */
  within(middle: number, distance: number): number {
    const from = placeOf(this.#ascending, middle - distance, this.#length);
    return placeOf(this.#ascending, middle + distance, this.#length) - from;
  }

  /** The median of the distances from `middle`, which must be the median: they grow from it to both sides. */
  deviation(middle: number): number {
    const ascending = this.#ascending;
    const half = this.#length >>> 1;
    let below = half - 1;
    let above = half;
    let last = 0;
    let beforeLast = 0;
    for (let taken = 0; taken <= half; taken += 1) {
      const down = below < 0 ? Number.POSITIVE_INFINITY : Math.abs((ascending[below] as number) - middle);
      const up = above >= this.#length ? Number.POSITIVE_INFINITY : Math.abs((ascending[above] as number) - middle);
      beforeLast = last;
      last = Math.min(down, up);
      if (down < up) below -= 1;
      else above += 1;
    }
    return this.#length % 2 === 1 ? last : (beforeLast + last) / 2;
  }

  /** Times, then values, as doubles; all machines that this runs on are little-endian. */
  encode(): Uint8Array {
    const doubles = new Float64Array(2 * this.#length);
    doubles.set(this.#timesMs.subarray(0, this.#length));
    doubles.set(this.#values.subarray(0, this.#length), this.#length);
    return new Uint8Array(doubles.buffer);
  }

  #insert(timeMs: number, value: number): void {
    this.#reserve();
    let index = this.#length;
    while (index > 0 && (this.#timesMs[index - 1] as number) > timeMs) index -= 1;
    insertAt(this.#timesMs, { index, value: timeMs, length: this.#length });
    insertAt(this.#values, { index, value, length: this.#length });
    insertAt(this.#ascending, { index: placeOf(this.#ascending, value, this.#length), value, length: this.#length });
    this.#length += 1;
  }

  #forget(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const place = placeOf(this.#ascending, this.#values[index] as number, this.#length - index);
      this.#ascending.copyWithin(place, place + 1, this.#length - index);
    }
    this.#timesMs.copyWithin(0, count, this.#length);
    this.#values.copyWithin(0, count, this.#length);
    this.#length -= count;
  }

  #reserve(): void {
    if (this.#length < this.#values.length) return;
    this.#timesMs = grown(this.#timesMs);
    this.#values = grown(this.#values);
    this.#ascending = grown(this.#ascending);
  }
}

/** How a trail stands in the changelog. */
export const trailCodec: StateCodec<Trail> = {
  encode: (trail) => trail.encode(),
  decode(bytes) {
    const doubles = new Float64Array(Uint8Array.from(bytes).buffer); // a view may begin anywhere, doubles must be aligned
    const length = doubles.length / 2;
    const at = (index: number): Point => ({ timeMs: doubles[index] as number, value: doubles[length + index] as number });
    return Trail.of(Array.from({ length }, (_, index) => at(index)));
  },
};

function grown(column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}

function insertAt(column: Float64Array, { index, value, length }: { index: number; value: number; length: number }): void {
  if (index < length) column.copyWithin(index + 1, index, length);
  column[index] = value;
}

/** The first place in ascending order that is not less than the value. */
function placeOf(ascending: Float64Array, value: number, length: number): number {
  let from = 0;
  let to = length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((ascending[middle] as number) < value) from = middle + 1;
    else to = middle;
  }
  return from;
}
