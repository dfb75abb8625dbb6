import { isObject } from '../json/dialect.ts';
import type { JsonSchema } from '../json/schema.ts';
import { createValidator } from '../json/validator.ts';
import { DiscreetFailure, type RecordForm } from './passage.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** How the numbers of an object or a list were written, where JavaScript would write them otherwise: by their keys. */
const spellings = new WeakMap<object, Map<string, string>>();

/** JSON as it is, but for integers between 2^53 and 2^63, which are bigints. Numbers that stay what they were are written as they were. */
export function jsonForm({ json, imports, validator }: JsonSchema): RecordForm {
  const judge = validator ?? createValidator(json, imports); // of what a transform makes, columns do not say it all
  return {
    read: (body) => JSON.parse(utf8.decode(body), remember as Reviver),
    write: (record) => {
      if (!isObject(record)) throw new TypeError(`expected an object, got ${String(record)}`);
      const complaint = judge(asNumbers(record));
      if (complaint !== null) throw new DiscreetFailure(`${complaint.field} ${complaint.message}`);
      return Buffer.from(JSON.stringify(record, spelled));
    },
    toJson: (record) => record,
    fromJson: (json) => json,
    replacing: carrySpellings,
  };
}

/** As it comes with the source of a value, which the library of the language does not know yet. */
type Reviver = (this: unknown, key: string, value: unknown) => unknown;
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

function remember(this: object, key: string, ...[value, { source }]: [unknown, { source?: string }]): unknown {
  if (typeof value !== 'number' || source === undefined || source === String(value)) return value;
  const own = spellings.get(this) ?? new Map<string, string>();
  spellings.set(this, own.set(key, source));
  return valueOf(source);
}

function valueOf(source: string): number | bigint {
  const value = Number(source);
  if (Number.isSafeInteger(value) || !/^-?\d+$/.test(source)) return value;
  const exact = BigInt(source);
  return BigInt.asIntN(64, exact) === exact ? exact : value;
}

function spelled(this: object, key: string, value: unknown): unknown {
  if (typeof value !== 'number' && typeof value !== 'bigint') return value;
  const source = spellings.get(this)?.get(key);
  if (source !== undefined && valueOf(source) === value) return rawJSON(source);
  return typeof value === 'bigint' ? rawJSON(String(value)) : value;
}

/** Numbers that a transform left where they were keep how they were written. */
function carrySpellings(before: unknown, after: unknown): void {
  if (typeof before !== 'object' || before === null || typeof after !== 'object' || after === null || before === after) return;
  const known = spellings.get(before);
  if (known !== undefined && !spellings.has(after)) spellings.set(after, known);
  for (const [key, value] of Object.entries(after)) carrySpellings((before as Record<string, unknown>)[key], value);
}

/** For those that know no bigints: the same where there are none. */
export function asNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null || !holdsBigInts(value)) return value;
  if (Array.isArray(value)) return value.map(asNumbers);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asNumbers(inner)]));
}

function holdsBigInts(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(holdsBigInts);
  return typeof value === 'bigint';
}
