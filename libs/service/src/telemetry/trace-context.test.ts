import { expect, test } from '@jest/globals';
import { formatTraceparent, parseTraceparent, traceHeader, traceOf } from './trace-context.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

test('a traceparent is read and written', () => {
  const parsed = parseTraceparent(`00-${traceId}-${spanId}-01`);
  expect(parsed).toEqual({ traceId, spanId, traceFlags: 1, isRemote: true });
  expect(parsed && formatTraceparent(parsed)).toBe(`00-${traceId}-${spanId}-01`);
});

test.each([
  ['of a later version, with more behind it', `01-${traceId}-${spanId}-00-more`, true],
  ['of the version that is none', `ff-${traceId}-${spanId}-00`, false],
  ['without a trace', `00-${'0'.repeat(32)}-${spanId}-01`, false],
  ['without a span', `00-${traceId}-${'0'.repeat(16)}-01`, false],
  ['cut off', `00-${traceId}`, false],
  ['empty', '', false],
])('a traceparent %s', (_, value, good) => {
  expect(parseTraceparent(value) !== null).toBe(good);
});

test('records carry it in a header', () => {
  const span = { traceId, spanId, traceFlags: 0 };
  expect(traceOf([['ce_id', null], traceHeader(span)])).toMatchObject({ ...span, isRemote: true });
  expect(traceOf([['traceparent', null]])).toBeNull();
  expect(traceOf([['traceparent', Buffer.from('nonsense')]])).toBeNull();
});
