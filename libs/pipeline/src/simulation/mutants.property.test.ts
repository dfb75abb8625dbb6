import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Mutant, mutants } from './mutants.ts';
import type { SimulationReport } from './simulate.ts';

const seedsMax = 60;
const sources = join(import.meta.dirname, '..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(sources, '..', '.mutants-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A copy of the pump and its simulation with the mutant's edits. */
async function breed(mutant: Mutant | null, name: string): Promise<(seed: number) => Promise<SimulationReport>> {
  const copy = join(folder, name);
  cpSync(sources, copy, { recursive: true, filter: (path) => !path.endsWith('.test.ts') });
  for (const { file, from, to } of mutant?.edits ?? []) {
    const path = join(copy, file);
    const text = readFileSync(path, 'utf8');
    expect(text.split(from)).toHaveLength(2); // else the mutant no longer touches what it is named after
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
  }
  const { simulate } = (await import(join(copy, 'simulation/simulate.ts'))) as typeof import('./simulate.ts');
  return simulate;
}

/** The first seed that notices, and what it noticed. */
async function hunt(simulate: (seed: number) => Promise<SimulationReport>): Promise<{ seed: number; violation: string } | null> {
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const { violations } = await simulate(seed);
    if (violations[0] !== undefined) return { seed, violation: violations[0] };
  }
  return null;
}

describe('switching a protection off turns the simulation red', () => {
  test('an unchanged copy stays green', async () => {
    expect(await hunt(await breed(null, 'unchanged'))).toBeNull();
  });

  test.each(mutants.map((mutant) => [mutant.name, mutant] as const))('%s', async (name, mutant) => {
    const caught = await hunt(await breed(mutant, name.replaceAll(' ', '-')));
    expect(caught).not.toBeNull();
    console.info(`${name}: seed ${caught?.seed}: ${caught?.violation}`);
  });
});
