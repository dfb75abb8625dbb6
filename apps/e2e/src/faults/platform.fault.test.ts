import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { seeded } from '@penstock/testing';
import { runFaults } from './fault-run.ts';

const folder = join(import.meta.dirname, `../../../../.penstock/faults-${process.pid}`);

test(
  'nothing is lost, doubled or out of order, whatever is killed, restarted or frozen',
  seeded(async (_, seed) => {
    const unprotected = process.env['PENSTOCK_UNPROTECTED'] === '1'; // red on purpose, by hand
    const report = await runFaults({ folder, seed, frozenMs: 60_000, unprotected, tell: (line) => console.error(line) });
    process.stderr.write(`${JSON.stringify({ faults: report.faults, holds: report.holds })}\n`);
    expect(report.faults).toHaveLength(10);
    for (const fault of report.faults) expect(fault).toMatchObject({ lost: 0, duplicates: 0, outOfOrder: 0, void: false });
    // An outage is waited out: nobody has to be started again because of it.
    for (const { name, restarts } of report.faults) expect([name, restarts]).toEqual([name, name.endsWith('killed') ? 1 : 0]);
    expect(report.audit).toMatchObject({ holds: true });
    rmSync(folder, { recursive: true, force: true });
  }),
  420_000,
);
