import type { Binding } from '@penstock/kernel';
import type { MqttSourceSettings } from '@penstock/mqtt';
import { isSecret } from '@penstock/schema';
import { fingerprintOf } from '../fingerprint.ts';
import type { MqttFrom } from '../language/ends.ts';
import type { FromPlan, ServiceName, StagePlan } from '../pipeline-plan.ts';
import { complainOfOpenTexts } from './open-texts.ts';
import { StageColumns } from './stage-columns.ts';
import { type StageFacts, typeFacts } from './stage-facts.ts';
import { type StageInput, typeInput } from './stage-input.ts';
import { type StageOutput, typeOutput } from './stage-output.ts';
import { type StagePlace, targetOf } from './stage-place.ts';
import { serviceOf } from './stage-service.ts';
import { type TypedStep, typeSteps } from './stage-steps.ts';
import { changelogOf, ownTopics } from './topic-graph.ts';

/** Types one stage and compiles it; null when complaints were made, here or about what it reads. */
export function typeStage(place: StagePlace): StagePlan | null {
  const input = typeInput(place);
  if (input === null) return null;
  const columns = new StageColumns(input.shape);
  const facts = typeFacts(place, input, columns);
  const { steps, columns: flowing } = typeSteps(place, columns, input.isIdentified);
  const service = serviceOf(place, steps);
  if (flowing === null) return null;
  const output = typeOutput(place, input, flowing);
  if (output === null) return null;
  complainOfOpenTexts(place, facts.openTexts, {
    input: { schema: input.schema, columns: columns.input },
    output: { schema: output.schema, columns: flowing },
  });
  for (const binding of flowing) columns.use(binding);
  const plan = assemble(place, { input, columns, facts, steps, service, output, flowing });
  return { ...plan, fingerprint: fingerprintOf(dependencies(place, plan)) };
}

interface Parts {
  readonly input: StageInput;
  readonly columns: StageColumns;
  readonly facts: StageFacts;
  readonly steps: readonly TypedStep[];
  readonly service: ServiceName;
  readonly output: StageOutput;
  readonly flowing: readonly Binding[];
}

function assemble(place: StagePlace, parts: Parts): Omit<StagePlan, 'fingerprint'> {
  const { document, name, stage } = place;
  const { input, columns, steps, output, flowing } = parts;
  const { setNames, openTexts: _, ...facts } = parts.facts;
  const { late, dead } = ownTopics(document.pipeline);
  const hasMemory = steps.some(({ transform }) => transform.memory !== 'none');
  return {
    pipeline: document.pipeline,
    name,
    service: parts.service,
    from: fromPlan(place),
    to: output.to,
    late: steps.some(({ transform }) => transform.knowsLate === true) ? targetOf(document, late) : null,
    dead: targetOf(document, dead),
    changelog: hasMemory && output.to.kind === 'kafka' ? changelogOf(document.pipeline, name) : null,
    slots: columns.slots,
    input: {
      schema: input.schema,
      payload: stage.from.mqtt === undefined ? 'wire' : 'json',
      bindings: columns.read,
      set: setNames,
    },
    output: { schema: output.schema, bindings: flowing, schemaId: stage.to.kafka?.schemaId ?? 'prefix' },
    ...facts,
    predicts: steps.find(({ transform }) => transform.predicts !== undefined)?.transform.predicts ?? null,
    open: (context) => steps.map(({ transform }) => transform.open(context)),
  };
}

function fromPlan({ document, name, stage }: StagePlace): FromPlan {
  if (stage.from.mqtt === undefined) return { kind: 'kafka', ...targetOf(document, stage.from.kafka?.topic ?? '') };
  return { kind: 'mqtt', config: mqttConfig(stage.from.mqtt, `${document.pipeline}.${name}`) };
}

/** Without what is not the client's: how payloads are written, and what is set beside them. */
function mqttConfig({ payload: _payload, set: _set, ...config }: MqttFrom, clientId: string): MqttSourceSettings {
  return { ...config, clientId: config.clientId ?? clientId } as MqttSourceSettings;
}

/**
 * All that a running stage depends on. Records are read by the schema that they were written with, so of the schema that comes in
 * only the fields that are looked at count: a field more is no reason to restart. Avro's defaults and aliases live in the
 * reader's schema, so there the text counts as well.
 */
function dependencies(place: StagePlace, plan: Omit<StagePlan, 'fingerprint'>): unknown {
  const { document, stage } = place;
  const { input, output, from, to, late, dead, changelog, facts } = plan;
  const isRecord = from.kind === 'mqtt';
  return {
    from,
    to: to.kind === 'kafka' ? to : { ...to.config, columns: to.columns.map(({ field }) => field) },
    late,
    dead,
    changelog,
    via: stage.via,
    input: {
      fields: input.bindings.map(({ field }) => field),
      format: input.schema.format,
      text: input.schema.format === 'AVRO' ? input.schema.text : '',
      imports: input.schema.format === 'AVRO' ? input.schema.imports : undefined,
      message: input.schema.message ?? '',
      subject: input.schema.subject,
      set: stage.from.mqtt?.set ?? {},
      payload: input.payload,
      isSecret: isSecret(input.schema) ? true : undefined, // what is told of refused records hangs on it
    },
    output: {
      schema: output.schema,
      fields: output.bindings.map(({ field }) => field),
      schemaId: output.schemaId === 'prefix' ? undefined : output.schemaId, // as before it could be said
    },
    key: [stage.to.kafka?.key ?? '', isRecord ? (stage.record ?? document.record) : null],
    aheadMsMax: facts.aheadMsMax,
  };
}
