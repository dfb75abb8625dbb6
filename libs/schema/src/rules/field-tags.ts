import { matches } from '../compatibility/json/pattern.ts';
import type { Schema } from '../schema.ts';

/** The tags that the metadata of a schema gives to the field of a full name. */
export type TagsAt = (fullName: string) => readonly string[];

export function pathTagsOf({ contract }: Schema): TagsAt {
  const given = Object.entries(Object(contract?.metadata?.['tags']) as Readonly<Record<string, readonly string[]>>);
  const byPath = given.map(([path, tags]) => ({ pattern: patternOf(path), tags }));
  return (fullName) => byPath.flatMap(({ pattern, tags }) => (matches(pattern, fullName) ? tags : []));
}

/** `*` is all but a dot, `**` is anything. */
function patternOf(path: string): string {
  const parts = path.replaceAll('**.*', '**').split(/(\*\*|\*|\?)/);
  const words: Readonly<Record<string, string>> = { '**': '.*', '*': '[^.]*', '?': '[^.]' };
  return `^${parts.map((part) => words[part] ?? part.replace(/[.+^${}()|[\]\\]/g, '\\$&')).join('')}$`;
}
