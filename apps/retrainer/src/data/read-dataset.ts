import type { DatasetPart, ModelInput } from '@penstock/catalogue';
import type { RetrainPlan, RouteTarget } from '@penstock/document';
import { type Kafka, kafkaProblems, readRange } from '@penstock/kafka';
import type { Field } from '@penstock/kernel';
import { rangeDeleted, tooManyRecords } from '../problems.ts';
import { type Dataset, joinLabels, PartCounter } from './dataset.ts';
import { type KeyedRow, type KeyedRowParts, KeyedRowReader } from './keyed-rows.ts';
import { type OffsetRange, refuseDeleted } from './offset-ranges.ts';

/** Which records a dataset is cut from, and how they are joined. */
export interface DatasetPlan extends Pick<RetrainPlan, 'inputs' | 'target' | 'withinMs'> {
  readonly features: RouteTarget;
  readonly labels: RouteTarget;
}

/** The first offset of a partition that may hold rows newer than a dataset. */
export interface ResumeAt {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface ReadDataset {
  readonly dataset: Dataset;
  /** What was really read, by partition. */
  readonly parts: readonly DatasetPart[];
  /** Records that could not be read as what they should be. */
  readonly refused: number;
  readonly resume: readonly ResumeAt[];
}

export interface ReadingOptions extends KeyedRowParts {
  readonly kafka: Kafka;
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
  const features = new KeyedRowReader(options, plan.features.topic, plan.inputs.map(fieldOf));
  const labels = new KeyedRowReader(options, plan.labels.topic, [plan.target]);
  const [fromFeatures, fromLabels] = await Promise.all([
    readTopic(plan.features.topic, ranges, { ...options, counter, reader: features }),
    readTopic(plan.labels.topic, ranges, { ...options, counter, reader: labels }),
  ]);
  const inputs = plan.inputs.map(({ name }) => name);
  const rowsOf = (parts: readonly ReadPartition[]): KeyedRow[] => parts.flatMap(({ rows }) => rows);
  const dataset = joinLabels(rowsOf(fromFeatures), rowsOf(fromLabels), { inputs, withinMs: plan.withinMs });
  const newerThanMs = dataset.trainedUntilMs;
  return {
    dataset,
    parts: counter.parts(),
    refused: features.refused + labels.refused,
    resume: [
      ...fromFeatures.map((part) => resumeAt(part, newerThanMs)),
      ...fromLabels.map((part) => resumeAt(part, newerThanMs - plan.withinMs)),
    ],
  };
}

/** A model's input as the column that it is read from. */
export function fieldOf({ name, type, unit }: ModelInput): Field {
  return { name, type, nullable: true, ...(unit === undefined ? {} : { unit }) };
}

interface TopicReading extends ReadingOptions {
  readonly counter: PartCounter;
  readonly reader: KeyedRowReader;
}

interface ReadPartition {
  readonly range: OffsetRange;
  readonly rows: readonly KeyedRow[];
  /** Every so many records: the offset of the next one, and the newest time before it. */
  readonly marks: readonly { readonly offset: number; readonly newestMs: number }[];
}

const recordsAMark = 200;

/** Everything before a mark is old; between marks nobody looks. */
function resumeAt({ range, marks }: ReadPartition, newerThanMs: number): ResumeAt {
  const { topic, partition, from } = range;
  return { topic, partition, offset: marks.findLast(({ newestMs }) => newestMs <= newerThanMs)?.offset ?? from };
}

function readTopic(topic: string, ranges: readonly OffsetRange[], reading: TopicReading): Promise<ReadPartition[]> {
  return Promise.all(ranges.filter((range) => range.topic === topic).map((range) => readPartition(range, reading)));
}

async function readPartition(range: OffsetRange, { kafka, counter, reader, signal }: TopicReading): Promise<ReadPartition> {
  const { topic, partition, from, to } = range;
  const rows: KeyedRow[] = [];
  const marks: { offset: number; newestMs: number }[] = [];
  let newestMs = Number.NEGATIVE_INFINITY;
  let records = 0;
  try {
    for await (const record of readRange(kafka, { topic, partition }, { from, to, signal })) {
      counter.read(topic, partition, record.offset);
      const row = await reader.read(record);
      if (row !== null) rows.push(row);
      newestMs = Math.max(newestMs, row?.timeMs ?? newestMs);
      records += 1;
      if (records % recordsAMark === 0) marks.push({ offset: record.offset + 1, newestMs });
    }
  } catch (thrown) {
    if (!kafkaProblems.deletedUnread.caused(thrown)) throw thrown;
    throw rangeDeleted(`${topic}/${partition}: retention deleted records of the dataset while it was read; start anew`, {
      cause: thrown,
    });
  }
  signal.throwIfAborted();
  return { range, rows, marks };
}
