import { createRegistry, type Registry } from '@bufbuild/protobuf';
import type { Schema } from '../schema.ts';
import { compileCel } from './cel-rule.ts';
import type { RuleExecutor } from './executor.ts';

/** `CEL` looks at the record, as `message`. */
const ofRecords: RuleExecutor = {
  type: 'CEL',
  open({ rule, schema }) {
    const evaluate = compileCel(rule.expr, registryOf(schema));
    return { of: 'record', waits: false, run: (message) => evaluate({ message }) };
  },
};

/** `CEL_FIELD` looks at a field, as `value`, and at what is known of it. */
const ofFields: RuleExecutor = {
  type: 'CEL_FIELD',
  open({ rule, schema }) {
    const evaluate = compileCel(rule.expr, registryOf(schema));
    return { of: 'fields', waits: false, run: (value, facts) => evaluate({ value, ...facts }) };
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
