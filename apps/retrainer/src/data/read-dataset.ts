import type { DatasetPart, ModelInput } from '@penstock/catalogue';
import type { RetrainPlan } from '@penstock/document';
import { type Kafka, kafkaProblems, readRange } from '@penstock/kafka';
import type { Field } from '@penstock/kernel';
import type { SchemaRegistry } from '@penstock/schema';
import { rangeDeleted, tooManyRecords } from '../problems.ts';
import { type Dataset, joinLabels, PartCounter } from './dataset.ts';
import { type KeyedRow, KeyedRowReader } from './keyed-rows.ts';
import { type OffsetRange, refuseDeleted } from './offset-ranges.ts';

/** Which records a dataset is cut from, and how they are joined. */
export type DatasetPlan = Pick<RetrainPlan, 'features' | 'labels' | 'inputs' | 'target' | 'withinMs'>;

export interface ReadDataset {
  readonly dataset: Dataset;
  /** What was really read, by partition. */
  readonly parts: readonly DatasetPart[];
  /** Records that could not be read as what they should be. */
  readonly refused: number;
}

export interface ReadingOptions {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  /** Records to hold at most. */
  readonly recordsMax: number;
  readonly signal: AbortSignal;
}

/** Reads feature and label records back by offset range and joins them. Throws `retrain.range-deleted`. */
export async function readDataset(
  plan: DatasetPlan,
  ranges: readonly OffsetRange[],
  options: ReadingOptions,
): Promise<ReadDataset> {
  await refuseDeleted(options.kafka, ranges);
  const wanted = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  if (wanted > options.recordsMax)
    throw tooManyRecords(
      `the dataset spans ${wanted} records, this retrainer holds ${options.recordsMax}: raise PENSTOCK_RECORDS_MAX, or lower retentionMs of ${plan.features.topic}`,
    );
  const counter = new PartCounter();
  const features = new KeyedRowReader(options.registry, plan.inputs.map(fieldOf));
  const labels = new KeyedRowReader(options.registry, [plan.target]);
  const [featureRows, labelRows] = await Promise.all([
    readTopic(plan.features.topic, ranges, { ...options, counter, reader: features }),
    readTopic(plan.labels.topic, ranges, { ...options, counter, reader: labels }),
  ]);
  const inputs = plan.inputs.map(({ name }) => name);
  const dataset = joinLabels(featureRows, labelRows, { inputs, withinMs: plan.withinMs });
  return { dataset, parts: counter.parts(), refused: features.refused + labels.refused };
}

/** A model's input as the column that it is read from. */
export function fieldOf({ name, type, unit }: ModelInput): Field {
  return { name, type, nullable: true, ...(unit === undefined ? {} : { unit }) };
}

interface TopicReading extends ReadingOptions {
  readonly counter: PartCounter;
  readonly reader: KeyedRowReader;
}

async function readTopic(topic: string, ranges: readonly OffsetRange[], reading: TopicReading): Promise<KeyedRow[]> {
  const own = ranges.filter((range) => range.topic === topic && range.from < range.to);
  const parts = await Promise.all(own.map((range) => readPartition(range, reading)));
  return parts.flat();
}

async function readPartition(range: OffsetRange, { kafka, counter, reader, signal }: TopicReading): Promise<KeyedRow[]> {
  const { topic, partition, from, to } = range;
  const rows: KeyedRow[] = [];
  try {
    for await (const record of readRange(kafka, { topic, partition }, { from, to, signal })) {
      counter.read(topic, partition, record.offset);
      const row = await reader.read(record);
      if (row !== null) rows.push(row);
    }
  } catch (thrown) {
    if (!kafkaProblems.deletedUnread.caused(thrown)) throw thrown;
    throw rangeDeleted(`${topic}/${partition}: retention deleted records of the dataset while it was read; start anew`, {
      cause: thrown,
    });
  }
  signal.throwIfAborted();
  return rows;
}
