import type { AppliedSchema, StagePlan } from '@penstock/document';
import type { Clock, Decoder, Encoder } from '@penstock/kernel';
import type { DeadLetterOrigin, Header, StageParts } from '@penstock/pipeline';
import type { Predictor } from '@penstock/predict';
import { createEncoder, createWireDecoder, isSecret, type RuleExecutor, schemaHeaderOf } from '@penstock/schema';
import type { Telemetry } from '@penstock/service';
import { schemaOf, withKnown } from './known-schemas.ts';
import { originateTraces } from './originate-traces.ts';
import { createIntake, createRowFacts } from './row-facts.ts';
import type { CodecSurroundings, PayloadEnd } from './stage-ends.ts';

export type FindPredictor = (model: string, alias: string) => Predictor;

export interface CompileContext {
  readonly clock: Clock;
  readonly pipelineVersion: string;
  readonly predictor: FindPredictor;
  /** Absent: nothing is traced. */
  readonly telemetry?: Telemetry;
}

/** A planned stage between its ends, compiled: what `createStage` takes. */
export function compileStage(
  plan: StagePlan,
  { source, encoder }: { source: PayloadEnd; encoder: Encoder },
  { clock, pipelineVersion, predictor, telemetry }: CompileContext,
): StageParts {
  const { pipeline, name, input, output } = plan;
  const intake = createIntake(plan, source);
  const opened = plan.open({ predictor });
  return {
    origin: originOf(plan),
    clock,
    slots: plan.slots,
    decoder: source.decoder,
    facts: createRowFacts(plan, clock),
    rekeys: plan.facts.key !== null,
    transforms: telemetry?.on ? [...opened, originateTraces(telemetry, plan)] : opened,
    encoder,
    event: { source: `penstock/${pipeline}/${name}`, type: nameOf(output.schema ?? input.schema), pipelineVersion },
    stampsInputs: plan.from.kind !== 'kafka' || (output.schema !== null && output.schema.subject !== input.schema.subject),
    ...(output.schemaId === 'header' ? { schemaHeader: headerOf(plan) } : {}),
    ...(intake === undefined ? {} : { intake }),
  };
}

/** What comes from devices came in clear, and stands so in dead letters: there is nothing to hide of it. */
export function originOf({ pipeline, name, from, input }: StagePlan): DeadLetterOrigin {
  return { pipeline, stage: name, isSecret: from.kind === 'kafka' && isSecret(input.schema) };
}

function nameOf({ message, subject }: AppliedSchema): string {
  return message ?? subject;
}

/** Reads the stage's input topic: each record by the schema it was written with. */
export function createInputDecoder(plan: StagePlan, { registry, executors = [] }: CodecSurroundings, clock: Clock): Decoder {
  const { schema: applied, bindings } = plan.input;
  const schema = schemaOf(applied);
  return createWireDecoder(withKnown(registry, applied), bindings, {
    clock,
    reader: schema,
    readerVersion: { subject: applied.subject, version: applied.version, id: applied.id, schema },
    subject: applied.subject,
    executors,
  });
}

function headerOf({ name, output: { schema } }: StagePlan): Header {
  if (schema?.guid === undefined) throw new TypeError(`stage ${name} writes a schema without a GUID`);
  return schemaHeaderOf(schemaOf(schema), schema.guid);
}

/** Writes the stage's output topic: bare records, where a header says by which schema. */
export function createOutputEncoder({ name, output }: StagePlan, executors: readonly RuleExecutor[] = []): Encoder {
  if (output.schema === null) throw new TypeError(`stage ${name} writes to no topic`);
  const { id, subject } = output.schema;
  const schemaId = output.schemaId === 'header' ? null : id;
  return createEncoder(schemaOf(output.schema), output.bindings, { schemaId, subject, executors });
}
