import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { seeded } from '@penstock/testing';
import { runRegistryFaults } from './registry-run.ts';

const folder = join(import.meta.dirname, `../../../../.penstock/registry-faults-${process.pid}`);

test(
  'three gateways that are killed, frozen and cut off lose no registration that was answered, and double none',
  seeded(async (_, seed) => {
    const tell = (line: string): void => console.error(line);
    const report = await runRegistryFaults({ folder, seed, perSecond: 30, slotMs: 3_000, frozenMs: 12_000, tell });
    expect(report.audit).toMatchObject({ lost: 0, duplicates: 0, gaps: 0, differing: 0 });
    expect(report.refusals).toEqual([]);
    expect(report.faults.filter((fault) => fault.void)).toEqual([]);
    expect(report.holds).toBe(true);
  }),
  120_000,
);
