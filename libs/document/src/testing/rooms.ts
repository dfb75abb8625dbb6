import { readFileSync } from 'node:fs';
import { type CheckedDocument, checkDocument } from '../check-document.ts';
import type { CheckFacts } from '../check-facts.ts';
import { readDocument } from '../reading/read-document.ts';

const root = new URL('../../../../', import.meta.url);

/** The sample that the repository ships, as text. */
export const roomsText = readFileSync(new URL('deploy/pipelines/rooms.yaml', root), 'utf8');

/** Files beside the sample; those of `instead` stand in for files by the end of their path. */
export function readBeside(instead: Readonly<Record<string, string>> = {}): CheckFacts['readFile'] {
  return (path) => {
    const replaced = Object.entries(instead).find(([end]) => path.endsWith(end));
    if (replaced !== undefined) return replaced[1];
    try {
      return readFileSync(new URL(path, new URL('deploy/pipelines/', root)), 'utf8');
    } catch {
      return null;
    }
  };
}

export function checkText(text: string, facts: Partial<CheckFacts> = {}): CheckedDocument {
  return checkDocument(readDocument(text, { file: 'rooms.yaml' }), { readFile: readBeside(), ...facts });
}

/** The sample with one text of it replaced, each of which must be there. */
export function roomsWith(...replacements: readonly (readonly [from: string, to: string])[]): string {
  return replacements.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the sample has no ${from}`);
    return text.replace(from, to);
  }, roomsText);
}
