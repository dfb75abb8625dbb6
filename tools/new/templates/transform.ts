import type { Names } from '../names.ts';
import { config, type Files, problems } from './component.ts';

const door = ({ pascal }: Names): string => `
export { away, badRecord } from './problems.ts';
export { create${pascal}, type ${pascal}Settings } from './transform.ts';
`;

const transform = ({ pascal }: Names): string => `
import { rowFate, type Slot } from '@penstock/kernel';
import type { OpenTransform } from '@penstock/pipeline';
import { badRecord } from './problems.ts';

export interface ${pascal}Settings {
  readonly name: string;
  readonly slot: Slot;
}

/** Looks at flowing rows only and changes columns in place. State is opened once for each lane, here. */
export function create${pascal}({ name, slot }: ${pascal}Settings): OpenTransform {
  return () => ({
    process(rows) {
      const values = rows.numbers(slot);
      for (let row = 0; row < rows.length; row += 1) {
        const value = values[row] as number;
        if (rows.fate[row] === rowFate.flowing && value < 0) rows.reject(row, badRecord(\`\${name}: expected 0 or more, got \${value}\`));
      }
    },
  });
}
`;

const test = ({ pascal }: Names): string => `
import { expect, test } from '@jest/globals';
import { type Field, Rows, rowFate } from '@penstock/kernel';
import { factFields, type LaneContext, StateStores } from '@penstock/pipeline';
import { create${pascal} } from './transform.ts';

const slots: readonly Field[] = [...factFields, { name: 'value', type: 'number', nullable: true }];
const lane: LaneContext = { lane: 'readings/0', batch: null, nowMs: 0, annotate: () => undefined };

test('rejects what is below zero and lets the rest flow', () => {
  const rows = new Rows(slots);
  rows.reset(2);
  rows.numbers(3).set([1, -1]);
  void create${pascal}({ name: 'value', slot: 3 })(new StateStores()).process(rows, lane);
  expect([...rows.fate.subarray(0, 2)]).toEqual([rowFate.flowing, rowFate.rejected]);
});
`;

export function transformFiles(names: Names): Files {
  return {
    'src/config.ts': config(names),
    'src/problems.ts': problems(names),
    'src/index.ts': door(names),
    'src/transform.ts': transform(names),
    'src/transform.test.ts': test(names),
  };
}
