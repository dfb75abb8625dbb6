import { createHash } from 'node:crypto';
import type { DatasetPart } from '@penstock/catalogue';
import type { KeyedRow } from './keyed-rows.ts';

/** Feature rows with their labels, in the order of event time (then of keys): the same records give the same bytes. */
export interface Dataset {
  readonly rows: number;
  readonly inputs: readonly string[];
  /** One column for each input. */
  readonly columns: readonly Float64Array[];
  readonly labels: Float64Array;
  readonly timesMs: Float64Array;
  /** Whose row it is. */
  readonly keys: readonly string[];
  /** Feature rows that found no label near enough. */
  readonly unlabelled: number;
  readonly trainedUntilMs: number;
  readonly sha256: string;
}

/**
 * Joins each feature row with the label of its key that is nearest in event time, at most `withinMs` away. A label row's value
 * is its first; the values of a feature row are in the order of `inputs`.
 */
export function joinLabels(
  features: readonly KeyedRow[],
  labels: readonly KeyedRow[],
  settings: { readonly inputs: readonly string[]; readonly withinMs: number },
): Dataset {
  const find = labelFinder(labels, settings.withinMs);
  const joined: Labelled[] = [];
  let unlabelled = 0;
  for (const row of features.toSorted(byTime)) {
    const label = find(row);
    if (label === null) unlabelled += 1;
    else joined.push({ row, label });
  }
  return { ...columnsOf(joined, settings.inputs), unlabelled };
}

interface Labelled {
  readonly row: KeyedRow;
  readonly label: number;
}

/** Answers the label of a row: that of its key which is nearest in event time, of two equally near the earlier; null: none is near. */
export function labelFinder(labels: readonly KeyedRow[], withinMs: number): (row: KeyedRow) => number | null {
  const byKey = Map.groupBy(labels.filter(hasValue).toSorted(byTime), ({ key }) => key);
  return ({ key, timeMs }) => {
    const label = nearest(byKey.get(key) ?? [], timeMs);
    return label === null || Math.abs(label.timeMs - timeMs) > withinMs ? null : (label.values[0] as number);
  };
}

function hasValue({ values }: KeyedRow): boolean {
  return values.length > 0 && !Number.isNaN(values[0]);
}

function byTime(left: KeyedRow, right: KeyedRow): number {
  return left.timeMs - right.timeMs || (left.key < right.key ? -1 : left.key > right.key ? 1 : 0);
}

/** The label nearest to a time, by binary search. */
function nearest(labels: readonly KeyedRow[], timeMs: number): KeyedRow | null {
  let low = 0;
  let high = labels.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((labels[middle] as KeyedRow).timeMs < timeMs) low = middle + 1;
    else high = middle;
  }
  const after = labels[low];
  const before = labels[low - 1];
  if (after === undefined || before === undefined) return after ?? before ?? null;
  return timeMs - before.timeMs <= after.timeMs - timeMs ? before : after;
}

function columnsOf(joined: readonly Labelled[], inputs: readonly string[]): Omit<Dataset, 'unlabelled'> {
  const parts = {
    inputs,
    columns: inputs.map((_, input) => Float64Array.from(joined, ({ row }) => row.values[input] ?? Number.NaN)),
    labels: Float64Array.from(joined, ({ label }) => label),
    timesMs: Float64Array.from(joined, ({ row }) => row.timeMs),
    keys: joined.map(({ row }) => row.key),
  };
  return { ...parts, rows: joined.length, trainedUntilMs: joined.at(-1)?.row.timeMs ?? 0, sha256: hashOfRows(parts) };
}

/** SHA-256 over the rows in their order: names, keys, values, labels and times. It names the dataset. */
export function hashOfRows(rows: Pick<Dataset, 'inputs' | 'keys' | 'columns' | 'labels' | 'timesMs'>): string {
  const { inputs, keys, columns, labels, timesMs } = rows;
  const hash = createHash('sha256').update(JSON.stringify({ inputs, keys }));
  for (const column of [...columns, labels, timesMs])
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  return hash.digest('hex');
}

/** Counts what is really read from each partition, for the manifest. */
export class PartCounter {
  readonly #parts = new Map<string, { topic: string; partition: number; from: number; to: number; records: number }>();

  read(topic: string, partition: number, offset: number): void {
    const name = `${topic}/${partition}`;
    const part = this.#parts.get(name) ?? { topic, partition, from: offset, to: offset, records: 0 };
    part.to = offset + 1;
    part.records += 1;
    this.#parts.set(name, part);
  }

  parts(): DatasetPart[] {
    return [...this.#parts.values()].sort((left, right) =>
      left.topic === right.topic ? left.partition - right.partition : left.topic < right.topic ? -1 : 1,
    );
  }
}
