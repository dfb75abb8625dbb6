import { parse } from '@bufbuild/cel';
import { messageOf, type Problem } from '@penstock/kernel';
import { refuse } from './problems.ts';

/** The tree as the library parses it. */
export type Tree = ReturnType<typeof parse>['expr'];

export interface Parsed {
  readonly text: string;
  readonly tree: Tree;
  offsetOf(part: Tree): number;
  /** The name of the macro (`all`, `exists`, `map`) that the part was written as, or null. */
  macroOf(part: Tree): string | null;
}

/** Longer texts are refused: they are no expressions that a person wrote. */
export const expressionCharactersMax = 4096;

/** Parses CEL. Throws `expressions.refused` with the offset from which the text cannot be read. */
export function parseExpression(text: string): Parsed {
  if (text.trim() === '') throw refuse('expected a CEL expression, got nothing', { offset: 0 });
  if (text.length > expressionCharactersMax) {
    const message = `expected at most ${expressionCharactersMax} characters, got ${text.length}: compute parts of it first`;
    throw refuse(message, { offset: expressionCharactersMax });
  }
  const { expr: tree, sourceInfo } = read(text);
  return {
    text,
    tree,
    offsetOf: ({ id }) => skipBlanks(text, sourceInfo?.positions[String(id)] ?? 0),
    macroOf: ({ id }) => {
      const kind = sourceInfo?.macroCalls[String(id)]?.exprKind;
      return kind?.case === 'callExpr' ? kind.value.function : null;
    },
  };
}

/** The library counts blanks before an operator to it. */
function skipBlanks(text: string, offset: number): number {
  let at = offset;
  while (/\s/.test(text[at] ?? '')) at += 1;
  return at;
}

function read(text: string): ReturnType<typeof parse> {
  try {
    return parse(text);
  } catch (thrown) {
    throw thrown instanceof RangeError
      ? refuse('is nested too deeply: compute parts of it first', { offset: 0 })
      : unread(text, thrown);
  }
}

function unread(text: string, thrown: unknown): Problem {
  const open = unclosed(text);
  if (open !== null) return refuse(`expected a closing ${open.closing} for the ${open.sign} at column ${open.offset + 1}`, open);
  const offset = offsetOf(thrown);
  const rest = text.slice(offset).trim();
  const seen = rest === '' ? 'the end of the text' : JSON.stringify(rest.length > 20 ? `${rest.slice(0, 20)}…` : rest);
  return refuse(`is not CEL from column ${offset + 1} on: ${seen} cannot stand here`, { offset });
}

function offsetOf(thrown: unknown): number {
  const location = (thrown as { location?: { start?: { offset?: unknown } } } | null)?.location;
  const offset = location?.start?.offset;
  if (typeof offset === 'number') return offset;
  const column = /:1:(\d+):/.exec(messageOf(thrown))?.[1];
  return column === undefined ? 0 : Number(column) - 1;
}

const pairs: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** The first quote or bracket that is never closed; null when all are, or when a closing one stands alone. */
function unclosed(text: string): { offset: number; sign: string; closing: string } | null {
  const open: { offset: number; sign: string; closing: string }[] = [];
  let quoted: { offset: number; sign: string; closing: string } | null = null;
  for (let offset = 0; offset < text.length; offset += 1) {
    const sign = text[offset] as string;
    if (quoted !== null) {
      if (sign === '\\') offset += 1;
      else if (sign === quoted.closing) quoted = null;
    } else if (sign === '"' || sign === "'") quoted = { offset, sign, closing: sign };
    else if (pairs[sign] !== undefined) open.push({ offset, sign, closing: pairs[sign] });
    else if (open.at(-1)?.closing === sign) open.pop();
  }
  return quoted ?? open.at(-1) ?? null;
}
