import type { Incompatibility } from '../incompatibility.ts';
import type { Comparison } from './comparison.ts';
import { type Bound, boundOf, numbersOf } from './facts.ts';

/** What a keyword that sets a bound is called in reasons. */
const boundNames = {
  minimum: 'MINIMUM',
  maximum: 'MAXIMUM',
  exclusiveMinimum: 'EXCLUSIVE_MINIMUM',
  exclusiveMaximum: 'EXCLUSIVE_MAXIMUM',
} as const;

export function compareNumbers(comparison: Comparison): Incompatibility[] {
  const keywords = Object.keys(boundNames) as (keyof typeof boundNames)[];
  return [...keywords.flatMap((keyword) => compareRange(comparison, keyword)), ...compareMultiple(comparison)];
}

function compareRange({ parts, json, reason }: Comparison, keyword: keyof typeof boundNames): Incompatibility[] {
  const limit = json[keyword];
  if (typeof limit !== 'number') return [];
  const side = keyword.endsWith('inimum') ? 'minimum' : 'maximum';
  const written = boundOf(parts, side);
  if (written !== null && isWithin(written, { value: limit, exclusive: keyword.startsWith('exclusive') }, side)) return [];
  const change = written === null ? 'ADDED' : side === 'minimum' ? 'INCREASED' : 'DECREASED';
  const message = `${keyword} is ${limit}, ${written === null ? 'and there was none' : `it was ${written.value}`}`;
  return reason(`${boundNames[keyword]}_${change}`, [keyword], { message, reader: limit, ...writer(written?.value) });
}

function isWithin(written: Bound, limit: Bound, side: 'minimum' | 'maximum'): boolean {
  if (written.value === limit.value) return written.exclusive || !limit.exclusive;
  return side === 'minimum' ? written.value > limit.value : written.value < limit.value;
}

function compareMultiple({ parts, json, written, reason }: Comparison): Incompatibility[] {
  const divisor = json['multipleOf'];
  if (typeof divisor !== 'number') return [];
  const known = [...numbersOf(parts, 'multipleOf'), ...(written.types.has('fraction') ? [] : [1])];
  if (known.some((multiple) => Number.isInteger(multiple / divisor))) return [];
  const [before] = numbersOf(parts, 'multipleOf');
  const change = before === undefined ? 'ADDED' : Number.isInteger(divisor / before) ? 'EXPANDED' : 'CHANGED';
  const message = `multiples of ${divisor} are expected, ${before === undefined ? 'any number' : `multiples of ${before}`} may have been written`;
  return reason(`MULTIPLE_OF_${change}`, ['multipleOf'], { message, reader: divisor, ...writer(before) });
}

export function compareStrings(comparison: Comparison): Incompatibility[] {
  return [
    ...compareSize(comparison, { keyword: 'minLength', name: 'MIN_LENGTH' }),
    ...compareSize(comparison, { keyword: 'maxLength', name: 'MAX_LENGTH' }),
    ...compareWords(comparison, 'pattern', 'PATTERN'),
  ];
}

/** Formats of numbers and of strings, as far as validators judge them. */
export function compareFormat(comparison: Comparison): Incompatibility[] {
  const { format } = comparison.json;
  const judged = typeof format === 'string' && comparison.node.texts.knowsFormat(format);
  return judged ? compareWords(comparison, 'format', 'FORMAT') : [];
}

/** A keyword that is the same or not, and of which nothing else can be told. */
function compareWords({ parts, json, reason }: Comparison, keyword: string, name: string): Incompatibility[] {
  const expected = json[keyword];
  if (typeof expected !== 'string' || parts.some((part) => part.json[keyword] === expected)) return [];
  const before = parts.find((part) => typeof part.json[keyword] === 'string')?.json[keyword];
  const message = `${keyword} is ${expected}, ${before === undefined ? 'and there was none' : `it was ${String(before)}`}`;
  const type = `${name}_${before === undefined ? 'ADDED' : 'CHANGED'}`;
  return reason(type, [keyword], { message, reader: expected, ...writer(before) });
}

export interface Size {
  readonly keyword: string;
  readonly name: string;
  /** What else is known of the size of what was written. */
  readonly known?: number;
}

/** Lengths and counts: `min…` and `max…`. */
export function compareSize({ parts, json, reason }: Comparison, { keyword, name, known }: Size): Incompatibility[] {
  const limit = json[keyword];
  if (typeof limit !== 'number') return [];
  const isLeast = keyword.startsWith('min');
  const sizes = [...numbersOf(parts, keyword), known ?? (isLeast ? 0 : Number.POSITIVE_INFINITY)];
  const written = isLeast ? Math.max(...sizes) : Math.min(...sizes);
  if (isLeast ? written >= limit : written <= limit) return [];
  const [before] = numbersOf(parts, keyword);
  const change = before === undefined ? 'ADDED' : isLeast ? 'INCREASED' : 'DECREASED';
  const message = `${keyword} is ${limit}, ${before === undefined ? 'and there was none' : `it was ${before}`}`;
  return reason(`${name}_${change}`, [keyword], { message, reader: limit, ...writer(before) });
}

function writer(value: unknown): { writer?: unknown } {
  return value === undefined ? {} : { writer: value };
}
