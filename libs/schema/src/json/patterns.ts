import { RE2JS } from '@bufbuild/re2';
import type { RegExpEngine } from 'ajv/dist/types/index.js';
import { BoundedRegExp } from '../rules/bounded-reg-exp.ts';

interface Pattern {
  test(text: string): boolean;
  toString(): string;
}

/** One repetition and no choice are gone through once, or as often as the text is long. */
const plain = /^[^(|*+?{]*[*+?]?[^(|*+?{]*$/;
/** What both languages have, and mean another thing by. */
const differs = /\\[sS]/;

function compile(pattern: string): Pattern {
  const native = new RegExp(pattern, 'u'); // what is none is told in JavaScript's words
  if (plain.test(pattern)) return native;
  try {
    if (!differs.test(pattern)) return RE2JS.compile(pattern);
  } catch {
    // RE2 has neither backreferences nor lookaheads: these are looked for, for so long.
  }
  return new BoundedRegExp(pattern, 'u');
}

/**
 * For ajv: whoever writes records chooses the text, and a pattern may have been written without care. In time linear in the text where RE2
 * knows the pattern, else for at most two seconds; what takes longer is not valid.
 */
export const carefulPatterns: RegExpEngine = Object.assign(compile, { code: 'carefulPatterns' });
