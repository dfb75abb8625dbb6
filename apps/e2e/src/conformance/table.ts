import type { Check } from './check.ts';

/** One line for each check, under the name of its client. */
export function tableOf(checks: readonly Check[]): string[] {
  const width = Math.max(...checks.map(({ what }) => what.length));
  const lines = [...Map.groupBy(checks, ({ client }) => client)].flatMap(([client, own]) => [
    '',
    client,
    ...own.map(({ what, outcome, why }) => `  ${what.padEnd(width)}  ${outcome}${why === '' ? '' : `: ${why}`}`),
  ]);
  const count = (outcome: Check['outcome']): number => checks.filter((check) => check.outcome === outcome).length;
  return [...lines, '', `${count('passed')} passed, ${count('failed')} failed, ${count('not obtainable')} not obtainable`];
}
