import { resolve } from 'node:path';
import { generateCommands } from './src/commands.ts';
import { generateCompose } from './src/compose.ts';
import { generateContracts } from './src/contracts.ts';
import { generateDashboard } from './src/dashboard.ts';
import { type Generate, isUpToDate, write } from './src/generated.ts';
import { generateProblemCodes } from './src/problem-codes.ts';
import { generateProjectGraph } from './src/project-graph.ts';
import { generateReference } from './src/reference.ts';
import { generateServiceSettings } from './src/service-settings.ts';

/**
 * `npm run generate` writes everything that is made from something else. `--check` writes nothing and complains about what is
 * out of date. `--breaking` accepts contracts that other teams' code would not survive.
 */
const generators: readonly Generate[] = [
  generateContracts,
  generateCommands,
  generateCompose,
  generateDashboard,
  generateProjectGraph,
  generateProblemCodes,
  generateServiceSettings,
  generateReference,
];

async function main(flags: readonly string[]): Promise<number> {
  process.chdir(resolve(import.meta.dirname, '../..'));
  const generated = await Promise.all(generators.map((generate) => generate({ mayBreak: flags.includes('--breaking') })));
  const files = generated.flat();
  if (!flags.includes('--check')) {
    const written = files.filter((part) => write(part));
    for (const { place } of written) console.log(`wrote ${place}`);
    return 0;
  }
  const stale = files.filter((part) => !isUpToDate(part));
  for (const { place } of stale) console.log(`${place} is out of date`);
  if (stale.length > 0) console.log('\nTo mend it: npm run generate');
  return stale.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exitCode = 1;
}
