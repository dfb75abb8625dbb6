import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runFaults } from './fault-run.ts';

/**
 * `npm run faults -- --json`: kills each service, restarts brokers and freezes Kafka under a stream of readings, on a platform of
 * its own. The last line is one JSON object; exit code 1 when something was lost, doubled or out of order, or a fault proved nothing.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seed: { type: 'string', default: process.env['PENSTOCK_SEED'] ?? String(randomInt(2 ** 31)) },
    only: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
  },
});

// Brokers of the user's are not killed.
for (const name of ['PENSTOCK_KAFKA', 'PENSTOCK_MQTT', 'PENSTOCK_REDIS', 'PENSTOCK_POSTGRES']) delete process.env[name];

const folder = join(import.meta.dirname, '../../../../.penstock/faults');
const report = await runFaults({
  folder,
  seed: Number(values.seed),
  frozenMs: 60_000,
  only: values.only,
  unprotected: process.env['PENSTOCK_UNPROTECTED'] === '1',
  tell: (line) => console.error(line),
});
if (report.holds && !values.keep) rmSync(folder, { recursive: true, force: true });
console.log(values.json ? JSON.stringify(report) : JSON.stringify(report, null, 2));
process.exitCode = report.holds ? 0 : 1;
