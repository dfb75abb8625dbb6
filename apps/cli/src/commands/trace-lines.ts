import { styleText } from 'node:util';
import { instant, jsonOf } from '../command-line/output.ts';
import type { Stretch } from '../trace/found-record.ts';
import type { ShownRecord } from './shown-record.ts';

/** One record's way, with `-o json` as it is. */
export interface Trace {
  readonly id: string;
  readonly hops: readonly TraceHop[];
  readonly rows: readonly { readonly stage: string; readonly table: string; readonly row: Readonly<Record<string, unknown>> }[];
}

/** A record on the way, and who made it. */
export interface TraceHop {
  readonly stage: string | null;
  readonly service: string | null;
  /** topic/partition/offset. */
  readonly place: string;
  /** Of a dead letter: where it was refused, and why. */
  readonly refusedAt: string | null;
  readonly refusal: { readonly code: string; readonly message: string } | null;
  readonly isLate: boolean;
  /** Of an aggregate: the stretch it was made of, and the ids of its key's records there. */
  readonly madeOf: (Stretch & { readonly ids: readonly string[] }) | null;
  readonly schema: { readonly subject: string; readonly version: number; readonly id: number } | null;
  readonly pipelineVersion: string | null;
  readonly model: ModelOfHop | null;
  readonly record: ShownRecord;
}

export interface ModelOfHop {
  readonly model: string;
  readonly version: string;
  /** What the registry says of the version; null when it was not to be had. */
  readonly trained: unknown;
}

const idsShown = 4;

export function traceLines({ id, hops, rows }: Trace): string[] {
  return [
    styleText('bold', id),
    ...hops.flatMap((hop) => ['', ...hopLines(hop)]),
    ...rows.flatMap(({ stage, table, row }) => ['', `${head(stage, 'sink-dispatcher')}  → table ${table}`, `    ${jsonOf(row)}`]),
    ...(rows.length === 0 ? ['', 'no sink has a row of it'] : []),
  ];
}

function hopLines(hop: TraceHop): string[] {
  const { record, schema, madeOf, model } = hop;
  const header = (name: string): string | null => record.headers.find((each) => each.name === name)?.value ?? null;
  const facts = [
    header('mqtt_topic') === null ? null : `published on ${header('mqtt_topic')}`,
    hop.refusal === null ? null : styleText('red', `refused at ${hop.refusedAt}: ${hop.refusal.code}: ${hop.refusal.message}`),
    hop.isLate ? styleText('yellow', 'too late for its window') : null,
    madeOf === null
      ? null
      : `made of ${madeOf.ids.length} records of ${madeOf.topic}/${madeOf.partition}/${madeOf.first}…${madeOf.last}: ${idsOf(madeOf.ids)}`,
    model === null ? null : `judged by ${model.model} version ${model.version}${trainingOf(model.trained)}`,
    `id ${record.id}, key ${record.key ?? '–'}, event time ${instant(record.eventTimeMs)}, stored ${instant(record.arrivedAtMs)}`,
    schema === null
      ? null
      : `schema ${schema.subject} version ${schema.version}${hop.pipelineVersion === null ? '' : `, document ${hop.pipelineVersion}`}`,
    header('traceparent') === null ? null : `trace ${header('traceparent')?.split('-')[1]}`,
    contentOf(hop),
  ];
  return [
    `${head(hop.stage, hop.service)}  → ${hop.place}`,
    ...facts.filter((fact) => fact !== null).map((fact) => `    ${fact}`),
  ];
}

function head(stage: string | null, service: string | null): string {
  return `${styleText('cyan', stage ?? 'somebody')}${service === null ? '' : styleText('dim', ` (${service})`)}`;
}

function idsOf(ids: readonly string[]): string {
  const more = ids.length > idsShown ? `, … ${ids.length - idsShown} more` : '';
  return `${ids.slice(0, idsShown).join(', ')}${more}`;
}

/** What the model had seen, and how good it was. */
function trainingOf(trained: unknown): string {
  const {
    dataset,
    metrics = {},
    trigger,
  } = (trained ?? {}) as {
    dataset?: { rows?: string; trainedUntilMs?: string };
    metrics?: Record<string, number>;
    trigger?: { kind?: string };
  };
  if (dataset === undefined) return '';
  const auc = metrics['auc'] === undefined ? '' : `, AUC ${metrics['auc'].toFixed(3)}`;
  return `, trained by ${trigger?.kind ?? 'hand'} on ${dataset.rows ?? 0} rows until ${instant(Number(dataset.trainedUntilMs ?? 0))}${auc}`;
}

/** What was refused at the door is shown as it came: nobody promised that it could be read. */
function contentOf({ record: { value, undecodable }, refusal }: TraceHop): string {
  if (undecodable === null) return value === null ? 'null' : jsonOf(value);
  const payload = undecodable.payload ?? 'null';
  return refusal === null ? `cannot be read: ${undecodable.code}: ${undecodable.message}: ${payload}` : payload;
}
