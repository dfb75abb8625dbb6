import { parseArgs } from 'node:util';
import { readIds } from './late-readings.ts';
import { roomsRules } from './rooms-rules.ts';
import { auditRun } from './run-audit.ts';

/**
 * Audits a run from outside, as a process of its own: `node apps/e2e/src/main.ts --acknowledged FILE --postgres URL`. Prints one
 * JSON object; exit code 1 when anything was lost, doubled or out of order.
 */
const { values } = parseArgs({
  options: {
    acknowledged: { type: 'string' },
    postgres: { type: 'string' },
    schema: { type: 'string', default: 'public' },
    readings: { type: 'string', default: 'readings' },
    predictions: { type: 'string', default: 'predictions' },
    'readings-only': { type: 'boolean', default: false },
    kafka: { type: 'string' },
    late: { type: 'string' },
  },
});

const { acknowledged, postgres, kafka, late } = values;
if (acknowledged === undefined || postgres === undefined) {
  console.error('expected --acknowledged FILE --postgres URL [--schema NAME] [--readings TABLE] [--predictions TABLE]');
  console.error('         [--readings-only] [--kafka HOST:PORT --late TOPIC]');
  process.exitCode = 2;
} else {
  const audit = await auditRun({
    acknowledgedFile: acknowledged,
    tables: { url: postgres, schema: values.schema },
    readings: values.readings,
    predictions: values['readings-only'] ? null : values.predictions,
    rules: roomsRules,
    late: kafka === undefined || late === undefined ? new Set() : await readIds(kafka, late),
  });
  console.log(JSON.stringify(audit));
  process.exitCode = audit.holds ? 0 : 1;
}
