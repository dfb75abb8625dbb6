import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runRegistryFaults } from '../registry/registry-run.ts';
import { runFaults } from './fault-run.ts';

/**
 * `npm run faults -- --json`: kills each service, restarts brokers and freezes Kafka under a stream of readings, on a platform of
 * its own. `npm run faults -- registry --json`: three gateways under registrations, killed, frozen and cut off from Kafka. The last
 * line is one JSON object; exit code 1 when something was lost, doubled or out of order, or a fault proved nothing.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    seed: { type: 'string', default: process.env['PENSTOCK_SEED'] ?? String(randomInt(2 ** 31)) },
    only: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
  },
});

// Brokers of the user's are not killed.
for (const name of ['PENSTOCK_KAFKA', 'PENSTOCK_MQTT', 'PENSTOCK_REDIS', 'PENSTOCK_POSTGRES']) delete process.env[name];

const [what = 'platform'] = positionals;
const folder = join(import.meta.dirname, `../../../../.penstock/faults${what === 'registry' ? '-registry' : ''}`);
const common = { folder, seed: Number(values.seed), tell: (line: string) => console.error(line) };
const runs = {
  platform: () =>
    runFaults({ ...common, frozenMs: 60_000, only: values.only, unprotected: process.env['PENSTOCK_UNPROTECTED'] === '1' }),
  registry: () => runRegistryFaults({ ...common, perSecond: 50, slotMs: 8_000, frozenMs: 15_000 }),
};
if (!Object.hasOwn(runs, what)) {
  console.error(`npm run faults -- [${Object.keys(runs).join(' | ')}] [--json] [--seed N] [--keep]`);
  process.exit(2);
}
const report = await runs[what as keyof typeof runs]();
if (report.holds && !values.keep) rmSync(folder, { recursive: true, force: true });
console.log(values.json ? JSON.stringify(report) : JSON.stringify(report, null, 2));
process.exitCode = report.holds ? 0 : 1;
