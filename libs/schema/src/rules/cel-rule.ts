import { type CelInput, type CelValue, celEnv, isCelError, isCelList, isCelMap, isCelUint, parse, plan } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import type { Registry } from '@bufbuild/protobuf';
import { skipped } from './executor.ts';
import { checkLength, unnested } from './expression.ts';

export type Bindings = Readonly<Record<string, unknown>>;
/** What an expression makes of its variables. Throws where it makes nothing of them. */
export type Evaluate = (bindings: Bindings) => unknown;

/**
 * `guard ; expression`, or an expression alone, of CEL with its extension for strings. Throws where it is no CEL, and where one list is
 * gone through within another: without that an expression ends in as many steps as the record is long.
 */
export function compileCel(text: string, registry?: Registry): Evaluate {
  checkLength(text);
  const at = guardEnd(text);
  const guard = at < 0 || text.slice(0, at).trim() === '' ? null : compileOne(text.slice(0, at), registry);
  const evaluate = compileOne(text.slice(at + 1), registry);
  return (bindings) => (guard !== null && guard(bindings) === false ? skipped : evaluate(bindings));
}

/** Texts, raw ones too, in one or three quotes of either kind, and what ends a guard. */
const tokens = /[rR]("""|''')[\s\S]*?\1|[rR](["'])[^\n]*?\2|("""|''')(?:\\[\s\S]|[^\\])*?\3|(["'])(?:\\.|[^\\\n])*?\4|;/g;

/** The first semicolon that is none of a text's; -1 where there is none. */
function guardEnd(text: string): number {
  for (const { 0: token, index } of text.matchAll(tokens)) if (token === ';') return index;
  return -1;
}

function compileOne(text: string, registry: Registry | undefined): Evaluate {
  const env = celEnv({ funcs: strings, ...(registry === undefined ? {} : { registry }) });
  const parsed = unnested(() => parse(text));
  if (loopsIn(parsed.expr) > 1) throw new TypeError('a list is gone through within another, which takes too long');
  const evaluate = unnested(() => plan(env, parsed)) as (bindings: Readonly<Record<string, CelInput>>) => CelValue;
  return (bindings) => {
    const result = evaluate(bindings as Readonly<Record<string, CelInput>>);
    if (isCelError(result)) throw new TypeError(result.message);
    return fromCel(result);
  };
}

/** How deep `all`, `map` and their like nest. */
function loopsIn(node: unknown): number {
  if (typeof node !== 'object' || node === null) return 0;
  const deepest = Math.max(0, ...Object.values(node).map(loopsIn));
  return (node as { case?: unknown }).case === 'comprehensionExpr' ? deepest + 1 : deepest;
}

/** As records have it: numbers, where they hold them exactly, lists and objects. A message stays what it is. */
function fromCel(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (isCelUint(value)) return fromCel(value.value);
  if (isCelList(value)) return [...value].map(fromCel);
  if (!isCelMap(value)) return value;
  return Object.fromEntries([...value].map(([key, inner]) => [String(fromCel(key)), fromCel(inner)]));
}
