import { isMigration } from './contract.ts';
import type { RuleExecutor } from './executor.ts';
import { compileJsonata } from './jsonata-rule.ts';
import { openRecordForm } from './record-form.ts';

/** `JSONATA` sees a record as JSON. In a migration it is that already: the schema that it was written with is another. */
export const jsonataExecutor: RuleExecutor = {
  type: 'JSONATA',
  open({ rule, moment, schema }) {
    const evaluate = compileJsonata(rule.expr);
    if (isMigration(moment)) return { of: 'record', waits: true, run: evaluate };
    const form = openRecordForm(schema);
    return {
      of: 'record',
      waits: true,
      async run(record) {
        const result = await evaluate(form.toJson(record));
        return rule.kind === 'CONDITION' || result === undefined ? result : form.fromJson(result);
      },
    };
  },
};
