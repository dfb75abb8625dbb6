import type { StateCodec } from '@penstock/pipeline';
import type { Accumulator } from './aggregates.ts';
import type { KeyWindows, OpenWindow } from './windows.ts';

const headDoubles = 2;
/** Start, count, first and last position, number of accumulators. */
const windowDoubles = 5;

/** How the windows of a key stand in the changelog: all numbers, as little-endian doubles, each accumulator behind its length. */
export const windowsCodec: StateCodec<KeyWindows> = {
  encode({ closedUntilMs, newestMs, open }) {
    const doubles = new Float64Array(headDoubles + open.reduce((sum, window) => sum + doublesOf(window), 0));
    doubles[0] = closedUntilMs;
    doubles[1] = newestMs;
    let at = headDoubles;
    for (const window of open) at = writeWindow(doubles, at, window);
    return new Uint8Array(doubles.buffer);
  },
  decode(bytes) {
    const doubles = new Float64Array(Uint8Array.from(bytes).buffer); // a view may begin anywhere, doubles must be aligned
    const reader = { doubles, at: 0 };
    const [closedUntilMs, newestMs] = [next(reader), next(reader)];
    const open: OpenWindow[] = [];
    while (reader.at < doubles.length) open.push(readWindow(reader));
    return { closedUntilMs, newestMs, open };
  },
};

function doublesOf({ accumulators }: OpenWindow): number {
  return accumulators.reduce((sum, accumulator) => sum + 1 + accumulator.length, windowDoubles);
}

function writeWindow(doubles: Float64Array, from: number, window: OpenWindow): number {
  doubles[from] = window.startMs;
  doubles[from + 1] = window.count;
  doubles[from + 2] = window.firstPosition;
  doubles[from + 3] = window.lastPosition;
  doubles[from + 4] = window.accumulators.length;
  let at = from + windowDoubles;
  for (const accumulator of window.accumulators) {
    doubles[at] = accumulator.length;
    doubles.set(accumulator, at + 1);
    at += 1 + accumulator.length;
  }
  return at;
}

interface DoubleReader {
  readonly doubles: Float64Array;
  at: number;
}

function next(reader: DoubleReader): number {
  const value = reader.doubles[reader.at];
  if (value === undefined) throw new RangeError('the windows of a key end in the middle');
  reader.at += 1;
  return value;
}

function readWindow(reader: DoubleReader): OpenWindow {
  const [startMs, count, firstPosition, lastPosition] = [next(reader), next(reader), next(reader), next(reader)];
  const accumulators = Array.from({ length: next(reader) }, () => readAccumulator(reader));
  return { startMs, count, firstPosition, lastPosition, accumulators };
}

function readAccumulator(reader: DoubleReader): Accumulator {
  return Array.from({ length: next(reader) }, () => next(reader));
}
