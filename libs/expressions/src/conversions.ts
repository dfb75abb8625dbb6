import type { Overload } from './overload.ts';

const text = new TextDecoder('utf-8', { fatal: true });
const decimalInt = /^[+-]?[0-9]{1,19}$/;
const decimalDouble = /^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$/;
const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** CEL's conversions between the types that are compiled. */
export const conversions: Readonly<Record<string, readonly Overload[]>> = {
  string: [
    { operands: ['string'], type: 'string', apply: (value: string) => value },
    { operands: ['int'], type: 'string', apply: (value: number) => String(value) },
    { operands: ['double'], type: 'string', apply: (value: number) => String(value) },
    { operands: ['bool'], type: 'string', apply: (value: boolean) => String(value) },
    { operands: ['bytes'], type: 'string', canFail: true, apply: bytesToString },
    { operands: ['timestamp'], type: 'string', canFail: true, apply: timestampToString },
  ],
  int: [
    { operands: ['int'], type: 'int', apply: (value: number) => value },
    { operands: ['double'], type: 'int', canFail: true, apply: (value: number) => exact(Math.trunc(value)) },
    { operands: ['string'], type: 'int', canFail: true, apply: stringToInt },
    { operands: ['timestamp'], type: 'int', apply: (ms: number) => Math.floor(ms / 1_000) },
  ],
  double: [
    { operands: ['double'], type: 'double', apply: (value: number) => value },
    { operands: ['int'], type: 'double', apply: (value: number) => value },
    { operands: ['string'], type: 'double', canFail: true, apply: stringToDouble },
  ],
  bool: [
    { operands: ['bool'], type: 'bool', apply: (value: boolean) => value },
    { operands: ['string'], type: 'bool', canFail: true, apply: (value: string) => bools[value] },
  ],
  timestamp: [
    { operands: ['timestamp'], type: 'timestamp', apply: (ms: number) => ms },
    { operands: ['int'], type: 'timestamp', canFail: true, apply: (seconds: number) => instant(seconds * 1_000) },
    { operands: ['string'], type: 'timestamp', canFail: true, apply: stringToTimestamp },
  ],
};

const bools: Readonly<Record<string, boolean>> = Object.assign(Object.create(null), {
  true: true,
  True: true,
  TRUE: true,
  t: true,
  '1': true,
  false: false,
  False: false,
  FALSE: false,
  f: false,
  '0': false,
});

function exact(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value + 0 : undefined;
}

function stringToInt(value: string): number | undefined {
  return decimalInt.test(value) ? exact(Number(value)) : undefined;
}

function stringToDouble(value: string): number | undefined {
  return decimalDouble.test(value) ? Number(value) : undefined;
}

function bytesToString(value: Uint8Array): string | undefined {
  try {
    return text.decode(value);
  } catch {
    return undefined; // not UTF-8
  }
}

/** CEL's years, 1 to 9999, in milliseconds. */
const instantMin = Date.parse('0001-01-01T00:00:00Z');
const instantMax = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

function instant(ms: number): number | undefined {
  return ms >= instantMin && ms <= instantMax ? ms : undefined;
}

function stringToTimestamp(value: string): number | undefined {
  return rfc3339.test(value) ? instant(Date.parse(value)) : undefined;
}

/** RFC 3339 as proto3's JSON writes it: no fraction, or three digits of it. */
function timestampToString(ms: number): string | undefined {
  return instant(ms) === undefined ? undefined : new Date(ms).toISOString().replace('.000Z', 'Z');
}
