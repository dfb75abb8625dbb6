import { nearestOf } from '@penstock/expressions';
import type { z } from 'zod';
import type { Complaint } from '../complaint.ts';
import { descriptionAt, keysAt } from '../language/known-keys.ts';
import { laterReason } from '../language/later.ts';
import type { DocumentPath, Places } from './places.ts';
import { alternatives } from './wording.ts';

type Issue = z.core.$ZodIssue;

/** `stages.ingest.via[0].dedupe.windowMs`. */
export function formatPath(path: DocumentPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const isPlain = /^[A-Za-z_][A-Za-z0-9_-]*$/.test(part);
    return isPlain ? `${text}${text === '' ? '' : '.'}${part}` : `${text}[${JSON.stringify(part)}]`;
  }, '');
}

/** Complaints with their places. A key that was misspelt is told once, by the word that was meant. */
export function complaintsOfIssues(issues: readonly Issue[], value: unknown, places: Places): Complaint[] {
  const told = issues.flatMap((issue) => tell(issue, value, places));
  const meant = new Set(told.flatMap(({ meantPath }) => meantPath ?? []));
  const wrong = new Set(told.flatMap(({ parentPath }) => parentPath ?? []));
  const isEcho = ({ complaint: { code, path }, isChoice }: Told): boolean =>
    (code === 'document.missing' && meant.has(path)) || (isChoice === true && wrong.has(path));
  return told.filter((one) => !isEcho(one)).map(({ complaint }) => complaint);
}

/** A complaint, and what is needed to see whether it repeats another. */
interface Told {
  readonly complaint: Complaint;
  /** Of a key that is not known: the path that was probably meant, and what it stands in. */
  readonly meantPath?: string;
  readonly parentPath?: string;
  /** True for a mapping that has none of the keys of which it needs one. */
  readonly isChoice?: boolean;
}

function tell(issue: Issue, value: unknown, places: Places): Told[] {
  const path = issue.path as DocumentPath;
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, places));
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
    const at = { path: formatPath(path), ...places.key(path) };
    return issue.issues.map(({ message }) => ({ complaint: { code: 'document.invalid-key', message, ...at } }));
  }
  const isMissing = valueAt(value, path) === undefined;
  const place = isMissing ? places.value(path.slice(0, -1)) : places.value(path);
  const code = isMissing ? 'document.missing' : 'document.invalid';
  const isChoice = issue.code === 'custom' && issue.message.startsWith('expected exactly one of');
  const description = isMissing ? descriptionAt(path) : null;
  const message = description === null ? issue.message : `${issue.message} (${description})`;
  return [{ complaint: { code, message, path: formatPath(path), ...place, ...expectedOf(issue.message) }, isChoice }];
}

function unknownKey(parent: DocumentPath, key: string, places: Places): Told {
  const later = laterReason(parent, key);
  const known = keysAt(parent);
  const expected = alternatives(known);
  const suggestion = later === null ? nearestOf(key, known) : null;
  const complaint = {
    code: later === null ? 'document.unknown-key' : 'document.not-in-this-build',
    message: later ?? `there is no ${key} here; expected ${expected}`,
    path: formatPath([...parent, key]),
    ...places.key([...parent, key]),
    expected,
  };
  const parentPath = formatPath(parent);
  if (suggestion === null) return { complaint, parentPath };
  return { complaint: { ...complaint, suggestion }, parentPath, meantPath: formatPath([...parent, suggestion]) };
}

function expectedOf(message: string): { expected?: string } {
  const expected = /expected (.+?)(?:, got .*)?$/.exec(message)?.[1];
  return expected === undefined ? {} : { expected };
}

function valueAt(value: unknown, path: DocumentPath): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Readonly<Record<string | number, unknown>>)[part];
  }
  return at;
}
