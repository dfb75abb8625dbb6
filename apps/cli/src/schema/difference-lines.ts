import { stripVTControlCharacters, styleText } from 'node:util';
import { type ChangedAspect, type LineDifference, type SchemaDifference } from '@penstock/schema';
import { table } from '../command-line/output.ts';
import { shortened } from './reason-lines.ts';

const marks = {
  added: ['green', '+'],
  removed: ['red', '-'],
  changed: ['yellow', '~'],
  moved: ['cyan', '↕'],
} as const;

/** One line for each aspect of each field that differs, in three columns. */
export function differenceLines(differences: readonly SchemaDifference[], columns: number): string[] {
  const rows = differences.flatMap(({ kind, path, aspects }) => {
    const [colour, mark] = marks[kind];
    const name = styleText(colour, `${mark} ${path || '(schema)'}`);
    const told = kind === 'added' || kind === 'removed' ? [wholeOf(aspects)] : aspects.map(changeOf);
    return told.map(([aspect, text], index) => [`  ${index === 0 ? name : ''}`, aspect, text] as const);
  });
  const width = columns - rows.reduce((most, [name, aspect]) => Math.max(most, widthOf(name) + 4 + aspect.length), 0);
  return table(
    ['', '', ''],
    rows.map(([name, aspect, text]) => [name, aspect, shortened(text, Math.max(width, 30))]),
  ).slice(1);
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** A field that came or went, in one line: `double, default null`. */
function wholeOf(aspects: readonly ChangedAspect[]): readonly [string, string] {
  const said = aspects.map(({ name, before, after }) => {
    const text = after ?? before ?? '';
    if (name === 'type') return text;
    return name === 'doc' ? JSON.stringify(text) : `${name} ${text}`;
  });
  return ['', said.join(', ')];
}

function changeOf({ name, before, after }: ChangedAspect): readonly [string, string] {
  return [name, `${before ?? 'none'} → ${after ?? 'none'}`];
}

/** Lines of two texts as a patch shows them, with `around` lines that are the same around each change. */
export function textLines(lines: readonly LineDifference[], around = 3): string[] {
  const near = new Set<number>();
  for (const [index, { kind }] of lines.entries()) {
    if (kind === 'same') continue;
    for (let at = index - around; at <= index + around; at += 1) near.add(at);
  }
  return lines.flatMap(({ kind, line }, index) => {
    if (!near.has(index)) return near.has(index - 1) && index < lines.length - 1 ? [styleText('dim', '  …')] : [];
    if (kind === 'same') return [`  ${line}`];
    const [colour, mark] = marks[kind];
    return [styleText(colour, `${mark} ${line}`)];
  });
}
