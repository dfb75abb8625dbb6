import { type Rows, rowFate, type Slot } from '@penstock/kernel';
import {
  factSlots,
  type Header,
  type KeyedStore,
  type LaneContext,
  type OpenTransform,
  type StateStores,
  type Tick,
  type Transform,
} from '@penstock/pipeline';
import { type Aggregate, fold, resultOf } from './aggregates.ts';
import {
  closeBehind,
  closeIdle,
  createKeyWindows,
  type KeyWindows,
  type OpenWindow,
  type WindowLimits,
  windowAt,
} from './windows.ts';
import { windowsCodec } from './windows-codec.ts';

export interface WindowSettings extends WindowLimits {
  /** The stage's name: ids of aggregates are `stage/key/windowStart/revision`. */
  readonly stage: string;
  /** How long a key must be silent, while its lane is caught up all the time, before its windows close without it. */
  readonly idleMs: number;
  readonly aggregates: readonly Aggregate[];
  readonly slots: { readonly key: Slot; readonly windowStartMs: Slot; readonly windowEndMs: Slot; readonly count: Slot };
}

/** Two proofs of being caught up that lie further apart than this do not make one stretch: the broker may have been away. */
const proofGapMaxMs = 5_000;

/** Tumbling windows of event time for each key. Rows are absorbed; a closed window comes out as a row of its own. */
export function createWindow(settings: WindowSettings): OpenTransform {
  return (state) => new WindowTransform(settings, state);
}

class WindowTransform implements Transform {
  readonly #settings: WindowSettings;
  readonly #store: KeyedStore<KeyWindows>;
  readonly #seenAtMs = new Map<string, number>();
  #caughtUpSinceMs: number | null = null;

  constructor(settings: WindowSettings, state: StateStores) {
    this.#settings = settings;
    this.#store = state.open('window', windowsCodec);
  }

  process(rows: Rows, lane: LaneContext): void {
    const inputs = rows.length; // what is appended below is output
    for (let row = 0; row < inputs; row += 1) if (rows.fate[row] === rowFate.flowing) this.#absorb(rows, row, lane);
  }

  tick(rows: Rows, lane: LaneContext, tick: Tick): void {
    if (tick.caughtUpAtMs === null || tick.nowMs - tick.caughtUpAtMs > proofGapMaxMs) {
      this.#caughtUpSinceMs = null;
      return;
    }
    this.#caughtUpSinceMs ??= tick.caughtUpAtMs;
    for (const [key, windows] of this.#store.entries()) {
      if (windows.open.length === 0) continue;
      const silentSinceMs = Math.max(this.#seenAtMs.get(key) ?? 0, this.#caughtUpSinceMs);
      if (tick.caughtUpAtMs - silentSinceMs < this.#settings.idleMs) continue;
      for (const closed of closeIdle(windows, this.#settings)) this.#emit(rows, lane, { key, closed });
      this.#store.set(key, windows);
    }
  }

  #absorb(rows: Rows, row: number, lane: LaneContext): void {
    const key = rows.values(factSlots.key)[row] as string;
    const timeMs = rows.numbers(factSlots.timeMs)[row] as number;
    const windows = this.#store.get(key) ?? createKeyWindows();
    this.#seenAtMs.set(key, lane.nowMs);
    const window = windowAt(windows, timeMs, this.#settings);
    if (window === null) {
      rows.fate[row] = rowFate.late;
      return;
    }
    this.#accumulate(window, { rows, row, timeMs });
    const position = lane.batch?.position(row) ?? -1;
    if (window.firstPosition < 0) window.firstPosition = position;
    window.lastPosition = position;
    windows.newestMs = Math.max(windows.newestMs, timeMs);
    rows.fate[row] = rowFate.absorbed;
    for (const closed of closeBehind(windows, this.#settings)) this.#emit(rows, lane, { key, closed });
    this.#store.set(key, windows);
  }

  #accumulate(window: OpenWindow, { rows, row, timeMs }: { rows: Rows; row: number; timeMs: number }): void {
    window.count += 1;
    this.#settings.aggregates.forEach((aggregate, index) => {
      window.accumulators[index] ??= [];
      const value = aggregate.value(rows, row);
      if (!Number.isNaN(value)) fold(aggregate.kind, window.accumulators[index], { value, timeMs });
    });
  }

  #emit(rows: Rows, lane: LaneContext, { key, closed }: { key: string; closed: OpenWindow }): void {
    const { slots, aggregates, tumblingMs, stage } = this.#settings;
    const row = rows.append(-1);
    rows.values(factSlots.id)[row] = `${stage}/${key}/${closed.startMs}/0`;
    rows.values(factSlots.key)[row] = key;
    rows.numbers(factSlots.timeMs)[row] = closed.startMs;
    rows.values(slots.key)[row] = key;
    rows.numbers(slots.windowStartMs)[row] = closed.startMs;
    rows.numbers(slots.windowEndMs)[row] = closed.startMs + tumblingMs;
    rows.numbers(slots.count)[row] = closed.count;
    aggregates.forEach(({ kind, slot }, index) => {
      rows.numbers(slot)[row] = resultOf(kind, closed.accumulators[index] ?? []);
    });
    lane.annotate(row, originOf(lane.lane, closed));
  }
}

/** Where an aggregate came from: its lane, the first and last position that went into it, and how many rows. */
function originOf(lane: string, { firstPosition, lastPosition, count }: OpenWindow): readonly Header[] {
  const header = (name: string, value: string | number): Header => [name, Buffer.from(String(value))];
  return [
    header('penstock_from_lane', lane),
    header('penstock_from_first', firstPosition),
    header('penstock_from_last', lastPosition),
    header('penstock_from_count', count),
  ];
}
