import type { Binding } from '@penstock/kernel';
import { isNumeric } from '@penstock/kernel';
import { integerOutOfRange, missingField, notFinite, wrongType } from '../problems.ts';

/** A required value must be there and not null; an optional one may be absent or null. */
export type Presence = 'required' | 'optional';

export interface ExpectedValue {
  readonly binding: Binding;
  readonly presence: Presence;
  readonly digitsAllowed: boolean;
}

/** RFC 3339 with a time zone. */
const instant = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;
const digits = /^-?\d{1,19}$/;
const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const shownLengthMax = 60;

/** A value of JSON as its column holds it. Throws a problem that names the field. */
export function readValue(value: unknown, { binding, presence, digitsAllowed }: ExpectedValue): unknown {
  const { name, type } = binding.field;
  if (value === undefined || value === null) return absent(binding, presence);
  if (type === 'boolean' && typeof value === 'boolean') return value;
  if (type === 'string' && typeof value === 'string') return value;
  if (type === 'bytes' && typeof value === 'string' && base64.test(value)) return Buffer.from(value, 'base64');
  if (typeof value === 'number' && isNumeric(type)) return finite(value, binding);
  if (type === 'integer' && digitsAllowed && typeof value === 'string' && digits.test(value))
    return finite(Number(value), binding);
  if (type === 'time' && typeof value === 'string' && instant.test(value)) return finite(Date.parse(value), binding);
  throw wrongType(`${name}: expected ${expected[type]}, got ${shown(value)}`, { facts: { field: name } });
}

const expected: Readonly<Record<Binding['field']['type'], string>> = {
  number: 'a number',
  integer: 'a whole number',
  time: 'an RFC 3339 time or milliseconds since the epoch',
  boolean: 'true or false',
  string: 'a string',
  bytes: 'a string in base64',
};

function absent({ field: { name, type } }: Binding, presence: Presence): unknown {
  if (presence === 'required') throw missingField(`${name}: required, and not in the record`, { facts: { field: name } });
  return isNumeric(type) ? Number.NaN : null;
}

function finite(value: number, { field: { name, type } }: Binding): number {
  if (!Number.isFinite(value)) throw notFinite(`${name}: expected a finite number, got ${value}`, { facts: { field: name } });
  if (type === 'number' || Number.isSafeInteger(value)) return value;
  if (!Number.isInteger(value)) throw wrongType(`${name}: expected ${expected[type]}, got ${value}`, { facts: { field: name } });
  throw integerOutOfRange(`${name}: ${value} does not fit into 2^53`, { facts: { field: name } });
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}…` : text;
}
