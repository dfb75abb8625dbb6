import type { Names } from '../names.ts';
import { type Files, problems } from './component.ts';

const config = ({ pascal, camel }: Names): string => `
import { z } from 'zod';

/** Every setting says what it means; from here come validation, messages, completion and the reference page. */
export const ${camel}Config = z.strictObject({
  field: z.string().min(1).describe('The field that is looked at'),
  least: z.number().default(0).describe('The least value that is let through, in the unit of the field'),
});

export type ${pascal}Config = z.output<typeof ${camel}Config>;
`;

const component = ({ kebab, pascal, camel }: Names): string => `
import { defineTransform } from '@penstock/pipeline';
import { ${camel}Config } from './config.ts';
import { create${pascal} } from './transform.ts';

/** How documents know it: the word in \`via\`, and what its settings mean at their place in a stage. */
export const ${camel} = defineTransform({
  name: '${kebab}',
  sentence: 'Rejects records in which a field is below its least value.',
  config: ${camel}Config,
  type({ field, least }, { columns, column, complain }) {
    const found = column(field, ['field']);
    if (found === null) return null;
    const { type } = found.field;
    if (type !== 'number' && type !== 'integer') complain(['field'], \`expected a field of numbers, \${field} is a \${type}\`);
    return { columns, memory: 'none', store: null, open: () => create${pascal}({ field, slot: found.slot, least }) };
  },
});
`;

const door = ({ pascal, camel }: Names): string => `
export { ${camel} } from './component.ts';
export { type ${pascal}Config, ${camel}Config } from './config.ts';
export { badRecord } from './problems.ts';
export { create${pascal}, type ${pascal}Settings } from './transform.ts';
`;

const transform = ({ pascal }: Names): string => `
import { type Rows, rowFate, type Slot } from '@penstock/kernel';
import type { OpenTransform } from '@penstock/pipeline';
import { badRecord } from './problems.ts';

export interface ${pascal}Settings {
  readonly field: string;
  readonly slot: Slot;
  readonly least: number;
}

/** Looks at flowing rows only and changes columns in place. What a lane remembers is opened here, from \`state\`. */
export function create${pascal}(settings: ${pascal}Settings): OpenTransform {
  return () => ({ process: (rows) => judge(rows, settings) });
}

function judge(rows: Rows, { field, slot, least }: ${pascal}Settings): void {
  const values = rows.numbers(slot);
  for (let row = 0; row < rows.length; row += 1) {
    const value = values[row] as number; // NaN, which is null, is not below anything
    if (rows.fate[row] !== rowFate.flowing || !(value < least)) continue;
    rows.reject(row, badRecord(\`\${field}: expected at least \${least}, got \${value}\`, { facts: { field, value, least } }));
  }
}
`;

const transformTest = ({ kebab, pascal }: Names): string => `
import { expect, test } from '@jest/globals';
import { type Field, Rows, rowFate } from '@penstock/kernel';
import { factFields, type LaneContext, StateStores } from '@penstock/pipeline';
import { create${pascal} } from './transform.ts';

const slots: readonly Field[] = [...factFields, { name: 'value', type: 'number', nullable: true }];
const slot = factFields.length;
const lane: LaneContext = { lane: 'readings/0', batch: null, nowMs: 0, annotate: () => undefined };

test('rejects what is below the least value and lets the rest flow, nulls included', () => {
  const rows = new Rows(slots);
  rows.reset(3);
  rows.numbers(slot).set([1, -1, Number.NaN]);
  void create${pascal}({ field: 'value', slot, least: 0 })(new StateStores()).process(rows, lane);
  expect([...rows.fate.subarray(0, 3)]).toEqual([rowFate.flowing, rowFate.rejected, rowFate.flowing]);
  expect(rows.problems.get(1)).toMatchObject({ code: '${kebab}.bad-record', message: 'value: expected at least 0, got -1' });
});
`;

const componentTest = ({ pascal, camel }: Names): string => `
import { expect, test } from '@jest/globals';
import type { Binding, FieldType } from '@penstock/kernel';
import type { SettingPath, Typing } from '@penstock/pipeline';
import { ${camel} } from './component.ts';
import type { ${pascal}Config } from './config.ts';

/** Types the settings where one column comes in; answers what was complained of. */
function complaintsAbout(type: FieldType, config: ${pascal}Config): { at: SettingPath; message: string }[] {
  const columns: readonly Binding[] = [{ field: { name: 'value', type, nullable: true }, slot: 3 }];
  const complaints: { at: SettingPath; message: string }[] = [];
  const typing: Typing = {
    stage: 'clean',
    columns,
    isIdentified: true,
    column: (name) => columns.find(({ field }) => field.name === name) ?? null,
    expression: () => null,
    aggregate: () => null,
    model: () => null,
    add: () => 4,
    complain: (at, message) => void complaints.push({ at, message }),
  };
  ${camel}.type(config, typing);
  return complaints;
}

test('takes fields of numbers and complains of others', () => {
  const config = ${camel}.config.parse({ field: 'value' });
  expect(complaintsAbout('number', config)).toEqual([]);
  expect(complaintsAbout('string', config)).toEqual([{ at: ['field'], message: 'expected a field of numbers, value is a string' }]);
});
`;

export function transformFiles(names: Names): Files {
  return {
    'src/component.ts': component(names),
    'src/component.test.ts': componentTest(names),
    'src/config.ts': config(names),
    'src/index.ts': door(names),
    'src/problems.ts': problems(names),
    'src/transform.ts': transform(names),
    'src/transform.test.ts': transformTest(names),
  };
}
