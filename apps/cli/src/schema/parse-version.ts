import { wrongUsage } from '../command-line/problems.ts';

/** `latest` or a number. Throws `cli.wrong-usage`. */
export function parseVersion(text: string): number | 'latest' {
  if (text === 'latest' || text === '-1') return 'latest';
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw wrongUsage(`expected a version such as 3, or latest, got ${JSON.stringify(text)}`);
}

/** True for what `parseVersion` takes. */
export function isVersion(text: string): boolean {
  return /^(latest|[1-9]\d*)$/.test(text);
}
