import { simulate } from './simulate.ts';
import { addTotals, createTotals, type Totals } from './totals.ts';

export interface CampaignReport {
  /** `seed 17: what was broken`; repeat one with `simulate(17)`. */
  readonly violations: readonly string[];
  readonly totals: Totals;
}

/** Many runs with consecutive seeds. */
export async function campaign({ firstSeed, seeds }: { firstSeed: number; seeds: number }): Promise<CampaignReport> {
  const violations: string[] = [];
  const totals = createTotals();
  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    const report = await simulate(seed);
    addTotals(totals, report.totals);
    for (const violation of report.violations) violations.push(`seed ${seed}: ${violation}`);
  }
  return { violations, totals };
}
