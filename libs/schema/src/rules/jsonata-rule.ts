import { messageOf } from '@penstock/kernel';
import jsonata from 'jsonata';
import { BoundedRegExp } from './bounded-reg-exp.ts';
import { checkLength, unnested } from './expression.ts';

/** What an expression makes of a value. Rejects where it makes nothing of it, and where that takes too much. */
export type EvaluateJson = (value: unknown) => Promise<unknown>;

/** Steps of one evaluation: with these an expression ends in well under a second. */
const stepsMax = 50_000;
const limits = { stack: 500, sequence: 100_000, RegexEngine: BoundedRegExp as unknown as RegExpConstructor };
const padLengthMax = 100_000;
/** The library calls what is bound to this name before each step, and waits for it. */
const beforeEachStep = Symbol.for('jsonata.__evaluate_entry') as unknown as string;

/** An expression of JSONata. Throws where it is none. */
export function compileJsonata(text: string): EvaluateJson {
  const expression = parse(text);
  const steps = new WeakMap<object, number>();
  expression.assign(beforeEachStep, (_expr: unknown, _input: unknown, { base }: { readonly base: object }) => {
    const taken = (steps.get(base) ?? 0) + 1;
    if (taken > stepsMax) throw new RangeError(`it takes more than ${stepsMax} steps`);
    steps.set(base, taken);
  });
  expression.registerFunction('pad', pad, '<s-ns?:s>');
  expression.registerFunction('clone', clone, '<(oa)-:o>');
  return async (value) => {
    try {
      return await expression.evaluate(value);
    } catch (thrown) {
      throw new TypeError(saying(thrown), { cause: thrown });
    }
  };
}

function parse(text: string): jsonata.Expression {
  checkLength(text);
  try {
    return unnested(() => jsonata(text, limits));
  } catch (thrown) {
    throw new TypeError(saying(thrown), { cause: thrown });
  }
}

/** The library throws objects that are no errors. */
function saying(thrown: unknown): string {
  const { message, code } = Object(thrown) as { message?: unknown; code?: unknown };
  if (typeof message !== 'string') return messageOf(thrown);
  return typeof code === 'string' && !(thrown instanceof Error) ? `${message} (${code})` : message;
}

function pad(text: string | undefined, width: number, fill = ' '): string | undefined {
  if (text === undefined) return undefined;
  if (Math.abs(width) > padLengthMax) throw new RangeError(`$pad: expected a width of at most ${padLengthMax}, got ${width}`);
  return width < 0 ? text.padStart(-width, fill) : text.padEnd(width, fill);
}

/** As the library's own, which goes by way of a text: bytes and long integers stay what they are. */
function clone(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(clone);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, clone(inner)]));
}
