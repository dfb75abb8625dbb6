import { conversions } from './conversions.ts';
import type { Overload } from './overload.ts';

type Table = Readonly<Record<string, readonly Overload[]>>;

const size: readonly Overload[] = [
  { operands: ['string'], type: 'int', apply: codePoints },
  { operands: ['bytes'], type: 'int', apply: (value: Uint8Array) => value.length },
  { operands: ['list'], type: 'int', apply: (value: readonly string[]) => value.length },
];

/** `f(x)`. */
export const functions: Table = { size, ...conversions };

const judges = {
  contains: (value: string, part: string): boolean => value.includes(part),
  startsWith: (value: string, part: string): boolean => value.startsWith(part),
  endsWith: (value: string, part: string): boolean => value.endsWith(part),
};

/** Parts of a timestamp in UTC. Months, days of the month and days of the year count from 0, as in CEL; `getDate` from 1. */
const parts: Readonly<Record<string, (at: Date) => number>> = {
  getFullYear: (at) => at.getUTCFullYear(),
  getMonth: (at) => at.getUTCMonth(),
  getDate: (at) => at.getUTCDate(),
  getDayOfMonth: (at) => at.getUTCDate() - 1,
  getDayOfWeek: (at) => at.getUTCDay(),
  getDayOfYear: (at) => Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0, 1)) / 86_400_000),
  getHours: (at) => at.getUTCHours(),
  getMinutes: (at) => at.getUTCMinutes(),
  getSeconds: (at) => at.getUTCSeconds(),
  getMilliseconds: (at) => at.getUTCMilliseconds(),
};

/** `x.f(y)`. */
export const methods: Table = {
  size,
  ...Object.fromEntries(
    Object.entries(judges).map(([name, apply]) => [name, [{ operands: ['string', 'string'], type: 'bool', apply } as Overload]]),
  ),
  ...Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [
      name,
      [{ operands: ['timestamp'], type: 'int', apply: (ms: number) => part(new Date(ms)) } as Overload],
    ]),
  ),
};

/** What CEL has and this build does not compile. */
export const uncompiled: ReadonlySet<string> = new Set(['uint', 'bytes', 'duration', 'type', 'dyn', 'optional', 'getTimezone']);

function codePoints(value: string): number {
  let count = 0;
  for (let at = 0; at < value.length; at += 1) {
    const unit = value.charCodeAt(at);
    if (unit >= 0xd8_00 && unit < 0xdc_00) at += 1;
    count += 1;
  }
  return count;
}
