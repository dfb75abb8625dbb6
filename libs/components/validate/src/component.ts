import { defineTransform } from '@penstock/pipeline';
import { validateConfig } from './config.ts';
import { createValidate, type Range } from './transform.ts';

export const validate = defineTransform({
  name: 'validate',
  sentence: 'Rejects records with a value outside its range; they go to the dead letters with the reason.',
  config: validateConfig,
  type({ ranges }, { columns, column, complain }) {
    const bounds = Object.entries(ranges).flatMap(([name, [min, max]]): Range[] => {
      const found = column(name, ['ranges', name]);
      if (found === null) return [];
      const { type } = found.field;
      if (type === 'number' || type === 'integer') return [{ name, slot: found.slot, min, max }];
      complain(['ranges', name], `expected a field of numbers, ${name} is a ${type}`);
      return [];
    });
    return { columns, memory: 'none', store: null, open: () => createValidate(bounds) };
  },
});
