import { createRegistry, type Registry } from '@bufbuild/protobuf';
import type { Schema } from '../schema.ts';
import { compileCel } from './cel-rule.ts';
import { type FieldFacts, type RuleExecutor, skipped } from './executor.ts';

/** `CEL` looks at the record, as `message`. */
const ofRecords: RuleExecutor = {
  type: 'CEL',
  open({ rule, schema }) {
    const evaluate = compileCel(rule.expr, registryOf(schema));
    return { of: 'record', waits: false, run: (message) => evaluate({ message }) };
  },
};

/** What `CEL_FIELD` looks at, as Confluent's clients have it: an enum or a fixed value is none. */
const primitives: readonly string[] = ['STRING', 'BYTES', 'INT', 'LONG', 'FLOAT', 'DOUBLE', 'BOOLEAN'];

/** `CEL_FIELD` looks at a field, as `value`, and at what is known of it. */
const ofFields: RuleExecutor = {
  type: 'CEL_FIELD',
  open({ rule, schema }) {
    const evaluate = compileCel(rule.expr, registryOf(schema));
    const run = (value: unknown, facts: FieldFacts): unknown =>
      primitives.includes(facts.typeName) ? evaluate({ value, ...facts }) : skipped;
    return { of: 'fields', waits: false, run };
  },
};

export const celExecutors: readonly RuleExecutor[] = [ofRecords, ofFields];

const registries = new WeakMap<object, Registry>();

/** The types that a Protobuf schema declares. */
export function registryOf(schema: Schema): Registry | undefined {
  if (schema.format !== 'PROTOBUF') return undefined;
  const known = registries.get(schema.file) ?? createRegistry(schema.file);
  registries.set(schema.file, known);
  return known;
}
