import { createHash } from 'node:crypto';
import type { DatasetPart } from '@penstock/catalogue';

/** A feature record as it was read back from Kafka. */
export interface FeatureRow {
  readonly key: string;
  readonly timeMs: number;
  /** In the order of the model's inputs; NaN where a value is not there. */
  readonly features: readonly number[];
}

export interface LabelRow {
  readonly key: string;
  readonly timeMs: number;
  readonly label: number;
}

/** Feature rows with their labels, in the order of event time (then of keys): the same records give the same bytes. */
export interface Dataset {
  readonly rows: number;
  readonly inputs: readonly string[];
  /** One column for each input. */
  readonly columns: readonly Float64Array[];
  readonly labels: Float64Array;
  readonly timesMs: Float64Array;
  /** Feature rows that found no label near enough. */
  readonly unlabelled: number;
  readonly trainedUntilMs: number;
  readonly sha256: string;
}

/** Joins each feature row with the label of its key that is nearest in event time, at most `withinMs` away. */
export function joinLabels(
  features: readonly FeatureRow[],
  labels: readonly LabelRow[],
  settings: { inputs: readonly string[]; withinMs: number },
): Dataset {
  const byKey = Map.groupBy(labels.toSorted(byTime), ({ key }) => key);
  const joined: (FeatureRow & { label: number })[] = [];
  let unlabelled = 0;
  for (const row of features.toSorted(byTime)) {
    const label = nearest(byKey.get(row.key) ?? [], row.timeMs);
    if (label === null || Math.abs(label.timeMs - row.timeMs) > settings.withinMs) unlabelled += 1;
    else joined.push({ ...row, label: label.label });
  }
  return { ...columnsOf(joined, settings.inputs), unlabelled };
}

function byTime(left: { key: string; timeMs: number }, right: { key: string; timeMs: number }): number {
  return left.timeMs - right.timeMs || (left.key < right.key ? -1 : left.key > right.key ? 1 : 0);
}

/** The label nearest to a time by binary search; of two equally near the earlier. */
function nearest(labels: readonly LabelRow[], timeMs: number): LabelRow | null {
  let low = 0;
  let high = labels.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((labels[middle] as LabelRow).timeMs < timeMs) low = middle + 1;
    else high = middle;
  }
  const after = labels[low];
  const before = labels[low - 1];
  if (after === undefined || before === undefined) return after ?? before ?? null;
  return timeMs - before.timeMs <= after.timeMs - timeMs ? before : after;
}

function columnsOf(joined: readonly (FeatureRow & { label: number })[], inputs: readonly string[]): Omit<Dataset, 'unlabelled'> {
  const columns = inputs.map((_, input) => Float64Array.from(joined, ({ features }) => features[input] ?? Number.NaN));
  const labels = Float64Array.from(joined, ({ label }) => label);
  const timesMs = Float64Array.from(joined, ({ timeMs }) => timeMs);
  const hash = createHash('sha256').update(JSON.stringify({ inputs, keys: joined.map(({ key }) => key) }));
  for (const column of [...columns, labels, timesMs]) hash.update(new Uint8Array(column.buffer));
  return {
    rows: joined.length,
    inputs,
    columns,
    labels,
    timesMs,
    trainedUntilMs: joined.at(-1)?.timeMs ?? 0,
    sha256: hash.digest('hex'),
  };
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
