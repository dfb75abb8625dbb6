import { RE2JS } from '@bufbuild/re2';
import { messageOf } from '@penstock/kernel';
import type { RegExpEngine } from 'ajv/dist/types/index.js';
import { notSupported } from '../../problems.ts';

const known = new Map<string, RE2JS>();
const knownMax = 1_000;

/** Whether a text has a match, in time linear in its length. Throws `schema.not-supported` for what RE2 does not know. */
export function matches(pattern: string, text: string): boolean {
  return compilePattern(pattern).test(text);
}

function compilePattern(pattern: string): RE2JS {
  const compiled = known.get(pattern) ?? compile(pattern);
  if (known.size >= knownMax) known.clear();
  known.set(pattern, compiled);
  return compiled;
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    throw notSupported(`JSON Schema: the pattern ${pattern} cannot be judged: ${messageOf(cause)}`, { cause });
  }
}

/** The same for ajv: whoever proposes a schema chooses both the pattern and the text. */
export const linearPatterns: RegExpEngine = Object.assign((pattern: string) => compilePattern(pattern), { code: 'RE2JS' });
