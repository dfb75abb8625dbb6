import { type Rows, rowFate, type Slot } from '@penstock/kernel';
import { factSlots, type KeyedStore, type OpenTransform } from '@penstock/pipeline';
import { judge } from './filter.ts';
import { outlier } from './problems.ts';
import { Trail, trailCodec } from './trail.ts';

export interface HampelSettings {
  readonly field: string;
  readonly slot: Slot;
  readonly windowMs: number;
  /** How many scaled median absolute deviations from the median make an outlier. */
  readonly thresholdMad: number;
  /** `replace` by the median, make it `null`, or `reject` the row. */
  readonly action: 'replace' | 'null' | 'reject';
}

/**
 * Finds spikes against the trailing window of the record's key in event time. The trail keeps values as they came, so that a
 * true change of level is believed once it fills half of the window.
 */
export function createHampel(settings: HampelSettings): OpenTransform {
  return (state) => {
    const store = state.open(`hampel.${settings.field}`, trailCodec);
    return { process: (rows) => filter(rows, store, settings) };
  };
}

function filter(rows: Rows, store: KeyedStore<Trail>, settings: HampelSettings): void {
  const keys = rows.values(factSlots.key) as string[];
  const timesMs = rows.numbers(factSlots.timeMs);
  const values = rows.numbers(settings.slot);
  for (let row = 0; row < rows.length; row += 1) {
    const value = values[row] as number;
    if (rows.fate[row] !== rowFate.flowing || Number.isNaN(value)) continue;
    const key = keys[row] as string;
    const trail = store.get(key) ?? new Trail();
    const median = judge(trail, value, settings.thresholdMad);
    trail.extend({ timeMs: timesMs[row] as number, value }, settings.windowMs);
    store.set(key, trail);
    if (median !== null) act(rows, row, { ...settings, median });
  }
}

function act(rows: Rows, row: number, found: HampelSettings & { median: number }): void {
  const values = rows.numbers(found.slot);
  const value = values[row] as number;
  if (found.action === 'replace') values[row] = found.median;
  else if (found.action === 'null') values[row] = Number.NaN;
  else {
    const facts = { field: found.field, value, median: found.median };
    rows.reject(row, outlier(`${found.field}: ${value} is a spike, the median of its window is ${found.median}`, { facts }));
  }
}
