import type { z } from 'zod';

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

const nouns: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  tuple: 'a list',
  null: 'null',
};

/** What is wrong with one value, as a document's author says it. A schema's own wording goes before this. */
export function wordingOf(issue: RawIssue): string {
  const got = issue.input === undefined ? 'is missing' : `got ${shown(issue.input)}`;
  const expected = expectationOf(issue);
  if (expected === null) return `cannot be used: ${got}`;
  return issue.input === undefined ? `is missing: expected ${expected}` : `expected ${expected}, ${got}`;
}

/** `a whole number`, `json or avro`, `at least 1`; null where the schema itself says no more than that it does not fit. */
export function expectationOf(issue: RawIssue): string | null {
  if (issue.code === 'invalid_type') return nouns[String(issue.expected)] ?? String(issue.expected);
  if (issue.code === 'invalid_value') return alternatives(issue.values.map((value) => String(value)));
  if (issue.code === 'too_small') return `at least ${amount(issue.minimum, issue)}`;
  if (issue.code === 'too_big') return `at most ${amount(issue.maximum, issue)}`;
  if (issue.code === 'not_multiple_of') return `a multiple of ${issue.divisor}`;
  if (issue.code === 'invalid_format') return `a text in the form ${issue.format}`;
  return null;
}

function amount(limit: number | bigint, { origin, inclusive }: { origin: string; inclusive?: boolean }): string {
  const beyond = inclusive === false ? ' (itself not included)' : '';
  if (origin === 'string') return `${limit} characters`;
  if (origin === 'array') return `${limit} ${limit === 1 ? 'element' : 'elements'}`;
  return `${limit}${beyond}`;
}

/** `a, b or c`. */
export function alternatives(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

const shownCharactersMax = 60;

/** A value in a message: what it is, never the whole of something large. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text;
}
