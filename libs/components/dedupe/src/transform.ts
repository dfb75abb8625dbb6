import { type Rows, rowFate } from '@penstock/kernel';
import { createJsonCodec, factSlots, type KeyedStore, type OpenTransform } from '@penstock/pipeline';
import { createSeen, parseIdentity, remember, type Seen } from './seen.ts';

export interface DedupeSettings {
  /** How far back in event time an identity is remembered, per device, in milliseconds. */
  readonly windowMs: number;
}

/** Buckets per window: state older than the window is let go a quarter of it at a time. */
const bucketsPerWindow = 4;

/**
 * Gives every row whose identity was seen before the fate `duplicate`. Exact within the window, which is judged by the event
 * time of each device on its own: neither another device's clock nor the speed of a replay matters.
 */
export function createDedupe({ windowMs }: DedupeSettings): OpenTransform {
  const bucketMs = Math.max(1, Math.ceil(windowMs / bucketsPerWindow));
  return (state) => {
    const store = state.open('dedupe', createJsonCodec<Seen>());
    return { process: (rows) => mark(rows, store, { windowMs, bucketMs }) };
  };
}

function mark(rows: Rows, store: KeyedStore<Seen>, limits: { windowMs: number; bucketMs: number }): void {
  const ids = rows.values(factSlots.id) as string[];
  const timesMs = rows.numbers(factSlots.timeMs);
  for (let row = 0; row < rows.length; row += 1) {
    if (rows.fate[row] !== rowFate.flowing) continue;
    const identity = parseIdentity(ids[row] as string);
    const seen = store.get(identity.owner) ?? createSeen();
    const isNew = remember(seen, identity, { timeMs: timesMs[row] as number, ...limits });
    if (isNew) store.set(identity.owner, seen);
    else rows.fate[row] = rowFate.duplicate;
  }
}
