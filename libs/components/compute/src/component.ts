import type { Binding } from '@penstock/kernel';
import { defineTransform, type TypedExpression, type Typing } from '@penstock/pipeline';
import { computeConfig } from './config.ts';
import { type Computed, createCompute } from './transform.ts';

export const compute = defineTransform({
  name: 'compute',
  sentence: 'Fills fields from CEL expressions over the others, each where its operands have a value.',
  config: computeConfig,
  type(config, typing) {
    let columns = typing.columns;
    const computed: Computed[] = [];
    for (const [name, text] of Object.entries(config)) {
      const expression = typing.expression(text, [name], columns);
      if (expression === null) continue;
      const binding = bind(name, expression, typing);
      computed.push({ ...binding, evaluate: expression.evaluate });
      const taken = columns.some(({ field }) => field.name === name);
      columns = taken ? columns.map((column) => (column.field.name === name ? binding : column)) : [...columns, binding];
    }
    return { columns, memory: 'none', store: null, open: () => createCompute(computed) };
  },
});

/** A field that is computed anew lies in a column of its own: what came in stays what it was. */
function bind(name: string, { type, nullable, unit }: TypedExpression, { add }: Typing): Binding {
  const field = { name, type, nullable, ...(unit === undefined ? {} : { unit }) };
  return { field, slot: add(field) };
}
