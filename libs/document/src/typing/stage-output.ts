import type { Binding, Field, Shape } from '@penstock/kernel';
import { columnsOf, postgresProblems } from '@penstock/postgres';
import type { AppliedSchema } from '../applied.ts';
import type { ToPlan } from '../pipeline-plan.ts';
import { subjectOf } from './schema-sources.ts';
import type { StageInput } from './stage-input.ts';
import { complain, type StagePlace, type TypedTopic, targetOf } from './stage-place.ts';

export interface StageOutput {
  readonly to: ToPlan;
  readonly schema: AppliedSchema | null;
}

/** Types where a stage ends; null when complaints were made. */
export function typeOutput(place: StagePlace, input: StageInput, columns: readonly Binding[]): StageOutput | null {
  return place.stage.to.kafka === undefined ? toTable(place, columns) : toTopic(place, input, columns);
}

function toTable(place: StagePlace, columns: readonly Binding[]): StageOutput | null {
  const config = place.stage.to.postgres;
  if (config === undefined) return null;
  try {
    columnsOf(config, columns);
  } catch (thrown) {
    if (!postgresProblems.columnTaken.caused(thrown)) throw thrown;
    complain(place, ['to', 'postgres'], thrown.message);
    return null;
  }
  return { to: { kind: 'postgres', config, columns }, schema: null };
}

function toTopic(place: StagePlace, input: StageInput, columns: readonly Binding[]): StageOutput | null {
  const { document, name, stage, topics } = place;
  const topic = stage.to.kafka?.topic ?? '';
  const fields = columns.map(({ field }) => field);
  const to = { kind: 'kafka', ...targetOf(document, topic) } as const;
  const known = topics.get(topic);
  if (known !== undefined) {
    const difference = differenceOf(known.shape, fields);
    if (difference === null) return { to, schema: known.schema };
    complain(place, ['to', 'kafka', 'topic'], `stage ${known.writer} writes other records to ${topic}: ${difference}`);
    return null;
  }
  const schema = schemaOf(place, input, { topic, fields });
  if (schema === null) return null;
  const shape: Shape = { name: schema.message ?? topic, fields };
  const typed: TypedTopic = { schema, shape, isIdentified: input.isIdentified, writer: name };
  topics.set(topic, typed);
  return { to, schema };
}

/** What came in unchanged keeps its schema; anything else gets one that is derived from its fields. */
function schemaOf(
  { document, path, sources }: StagePlace,
  input: StageInput,
  { topic, fields }: { topic: string; fields: readonly Field[] },
): AppliedSchema | null {
  const subject = subjectOf(topic);
  if (differenceOf(input.shape, fields) === null) {
    return input.schema.subject === subject ? input.schema : sources.passed(input.schema, subject);
  }
  return sources.derived({ pipeline: document.pipeline, topic, subject, fields, path: [...path, 'to', 'kafka', 'topic'] });
}

/** In which field two records differ; null when they are the same. */
function differenceOf(known: Shape, fields: readonly Field[]): string | null {
  const lacking = known.fields.find(({ name }) => !fields.some((field) => field.name === name));
  if (lacking !== undefined) return `they have ${lacking.name}`;
  for (const field of fields) {
    const other = known.fields.find(({ name }) => name === field.name);
    if (other === undefined) return `they have no ${field.name}`;
    if (other.type !== field.type) return `their ${field.name} is a ${other.type}, here it is a ${field.type}`;
    if (other.nullable !== field.nullable) return `their ${field.name} ${other.nullable ? 'may be' : 'is never'} without a value`;
  }
  return null;
}
