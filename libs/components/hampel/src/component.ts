import type { Field } from '@penstock/kernel';
import { defineTransform } from '@penstock/pipeline';
import { type HampelConfig, hampelConfig } from './config.ts';
import { createHampel } from './transform.ts';

export const hampel = defineTransform({
  name: 'hampel',
  sentence: 'Finds spikes against the median of the latest values of the same key, and replaces, blanks or rejects them.',
  config: hampelConfig,
  type(config, { columns, column, complain }) {
    const found = column(config.field, ['field']);
    if (found === null) return null;
    const unfit = unfitReason(config, found.field);
    if (unfit !== null) complain(...unfit);
    return {
      columns,
      memory: 'keyed',
      store: `hampel.${config.field}`,
      open: () => createHampel({ ...config, slot: found.slot }),
    };
  },
});

/** Where the complaint belongs, and what it says. */
function unfitReason({ action, field }: HampelConfig, { type, nullable }: Field): [at: string[], message: string] | null {
  if (type !== 'number' && type !== 'integer') return [['field'], `expected a field of numbers, ${field} is a ${type}`];
  if (action === 'replace' && type === 'integer')
    return [['action'], `a median need not be a whole number, ${field} is an integer: choose null or reject`];
  if (action === 'null' && !nullable)
    return [['action'], `${field} is never without a value: choose replace or reject, or make it optional in the schema`];
  return null;
}
