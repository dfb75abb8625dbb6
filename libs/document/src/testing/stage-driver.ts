import { type Decoder, type Encoder, type Rows, systemClock } from '@penstock/kernel';
import { type Batch, createStage, type Delivery, type Header, type Output, stampedTimeMs } from '@penstock/pipeline';
import { createPostgresEncoder } from '@penstock/postgres';
import type { Predictor } from '@penstock/predict';
import {
  createEncoder,
  createJsonReadingDecoder,
  createWireDecoder,
  parseSchema,
  type Schema,
  type SchemaRegistry,
} from '@penstock/schema';
import { type AppliedSchema, sourceOf } from '../applied.ts';
import type { PipelinePlan, StagePlan } from '../pipeline-plan.ts';

/** A record as a source hands it out. */
export interface Incoming {
  readonly key: string;
  readonly payload: Uint8Array;
  readonly headers?: readonly Header[];
  /** The levels of the MQTT topic that it came by. */
  readonly levels?: readonly string[];
}

export interface Drive {
  readonly incoming: readonly Incoming[];
  readonly predictor?: () => Predictor;
}

const utf8 = new TextEncoder();
const text = new TextDecoder();

const noPredictor = (): Predictor => ({ predict: () => null });

/** Runs one stage of a plan over records in memory, by the very parts that services are made of. */
export async function drive(plan: PipelinePlan, name: string, { incoming, predictor = noPredictor }: Drive): Promise<Delivery> {
  const stage = plan.stages.find((one) => one.name === name);
  if (stage === undefined) throw new Error(`there is no stage ${name}`);
  const { levelsSlot, set, facts } = stage;
  const compiled = createStage({
    origin: { pipeline: plan.pipeline, stage: name },
    clock: systemClock,
    slots: stage.slots,
    decoder: decoderOf(stage, plan),
    intake: {
      refusal: () => null,
      fill(_, rows, row) {
        if (levelsSlot !== null) rows.values(levelsSlot)[row] = incoming[row]?.levels;
        for (const { slot, evaluate } of set) rows.values(slot)[row] = evaluate(rows, row);
      },
    },
    facts: {
      id: (batch, rows, row) => textOf(facts.identity?.(rows, row) ?? `${batch.lane}/${batch.position(row)}`),
      key: (batch, rows, row) => textOf(facts.key?.(rows, row) ?? text.decode(batch.key(row) ?? new Uint8Array(0))),
      timeMs: (batch, rows, row) => timeOf(stage, rows, row) ?? stampedTimeMs(batch.headers(row)) ?? 0,
    },
    rekeys: facts.key !== null,
    transforms: stage.open({ predictor }),
    encoder: encoderOf(stage),
    event: { source: `penstock/${plan.pipeline}/${name}`, type: 'test' },
    stampsInputs: true,
  });
  const task = await compiled.open('lane/0', (async function* () {})());
  return task.process(batchOf(incoming));
}

function timeOf({ facts }: StagePlan, rows: Rows, row: number): number | undefined {
  return facts.timeSlot === null ? undefined : rows.numbers(facts.timeSlot)[row];
}

function decoderOf({ input }: StagePlan, plan: PipelinePlan): Decoder {
  const { shape } = schemaOf(input.schema);
  if (input.payload === 'json') return createJsonReadingDecoder(shape, input.bindings, { set: input.set });
  return createWireDecoder(registryOf(plan), input.bindings, { clock: systemClock, reader: schemaOf(input.schema) });
}

function encoderOf({ output }: StagePlan): Encoder {
  if (output.schema === null) return createPostgresEncoder(output.bindings);
  return createEncoder(schemaOf(output.schema), output.bindings, output.schema.id);
}

function schemaOf(schema: AppliedSchema): Schema {
  return parseSchema(sourceOf(schema));
}

/** Knows the schemas that came with the plan. */
function registryOf({ stages }: PipelinePlan): SchemaRegistry {
  const known = new Map(stages.flatMap(({ input }) => [[input.schema.id, schemaOf(input.schema)] as const]));
  const nothing = async (): Promise<null> => null;
  return {
    schema: async (id) => known.get(id) ?? null,
    latest: nothing,
    version: nothing,
    register: async () => 0,
  };
}

function batchOf(incoming: readonly Incoming[]): Batch {
  return {
    lane: 'lane/0',
    from: 0,
    to: incoming.length,
    length: incoming.length,
    bytes: 0,
    key: (row) => utf8.encode(incoming[row]?.key ?? ''),
    payload: (row) => incoming[row]?.payload ?? null,
    headers: (row) => incoming[row]?.headers ?? [],
    position: (row) => row,
    arrivedAtMs: () => 0,
  };
}

/** What a stage put out, as the next one gets it. */
export function passOn(delivery: Delivery, route = 'main'): Incoming[] {
  return delivery.outputs
    .filter((output) => output.route === route)
    .map(({ key, payload, headers }) => ({ key: keyOf(key), payload: payload ?? new Uint8Array(0), headers }));
}

export function keyOf(key: Output['key']): string {
  return text.decode(key ?? new Uint8Array(0));
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`expected a text, got ${String(value)}`);
}
