import type { Complaint } from '../complaint.ts';
import { referableKeys } from '../language/ends.ts';
import { withoutReferences } from '../language/references.ts';
import { formatPath } from './issues.ts';
import type { DocumentPath, Places } from './places.ts';

/** References stand for addresses and secrets, in two spellings; anything else with `${` in it is a mistake. */
export function strayReferences(value: unknown, places: Places, path: DocumentPath = []): Complaint[] {
  if (typeof value === 'string') return value.includes('${') ? judge(value, places, path) : [];
  if (typeof value !== 'object' || value === null) return [];
  const entries: (readonly [string | number, unknown])[] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([part, inner]) => strayReferences(inner, places, [...path, part]));
}

function judge(text: string, places: Places, path: DocumentPath): Complaint[] {
  const complaint = (message: string): Complaint[] => [
    { code: 'document.reference', message, path: formatPath(path), ...places.value(path) },
  ];
  if (withoutReferences(text).includes('${')) {
    return complaint(`expected a reference as \${env:NAME} or \${file:PATH}, got ${JSON.stringify(text)}`);
  }
  const key = String(path.at(-1));
  if (referableKeys.has(key) && path.includes('stages')) return [];
  return complaint(
    `a reference stands for an address or a secret only (${[...referableKeys].join(', ')}): write the value itself`,
  );
}
