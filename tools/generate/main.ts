import { resolve } from 'node:path';
import { type Generate, isUpToDate, write } from './src/generated.ts';

/**
 * `npm run generate` writes everything that is made from something else. `--check` writes nothing and complains about what is
 * out of date. `--breaking` accepts contracts that other teams' code would not survive.
 *
 * One after the other, each loaded when its turn comes: later ones read code that imports what earlier ones wrote.
 */
const steps: readonly (() => Promise<Generate>)[] = [
  async () => (await import('./src/contracts.ts')).generateContracts,
  async () => (await import('./src/commands.ts')).generateCommands,
  async () => (await import('./src/compose.ts')).generateCompose,
  async () => (await import('./src/dashboard.ts')).generateDashboard,
  async () => (await import('./src/project-graph.ts')).generateProjectGraph,
  async () => (await import('./src/problem-codes.ts')).generateProblemCodes,
  async () => (await import('./src/reference.ts')).generateReference,
  async () => (await import('./src/service-settings.ts')).generateServiceSettings,
];

async function main(flags: readonly string[]): Promise<number> {
  process.chdir(resolve(import.meta.dirname, '../..'));
  const checks = flags.includes('--check');
  let stale = 0;
  for (const load of steps) {
    const generate = await load();
    for (const made of await generate({ mayBreak: flags.includes('--breaking') })) {
      if (checks ? isUpToDate(made) : !write(made)) continue;
      console.log(checks ? `${made.place} is out of date` : `wrote ${made.place}`);
      stale += 1;
    }
  }
  if (!checks || stale === 0) return 0;
  console.log('\nTo mend it: npm run generate');
  return 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exitCode = 1;
}
