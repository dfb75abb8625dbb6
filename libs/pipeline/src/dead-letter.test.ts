import { expect, test } from '@jest/globals';
import { defineProblem, type Problem } from '@penstock/kernel';
import type { Batch } from './batch.ts';
import { deadLetterOfRow } from './dead-letter.ts';

const bad = defineProblem({ code: 'test.bad', status: 'INVALID_ARGUMENT', remedy: 'reject' });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const batch: Batch = {
  lane: 'rooms.raw/3',
  from: 40,
  to: 42,
  length: 2,
  bytes: 10,
  key: () => bytes('key'),
  payload: () => bytes('{"broken'),
  headers: () => [
    ['twice', bytes('a')],
    ['twice', null],
  ],
  position: (row) => 40 + row,
  arrivedAtMs: () => 5,
};

test('a dead letter keeps the bytes and headers as they came and says why in the words of Kafka Connect', () => {
  const refusal = bad('co2Ppm: expected a number', { facts: { field: 'co2Ppm', rule: 'numbers', seen: 2 } });
  const letter = deadLetterOfRow({ pipeline: 'rooms', stage: 'preprocess' }, { batch, row: 1 }, refusal);
  expect(letter).toMatchObject({ id: 'rooms.raw/3/41', route: 'dead', key: bytes('key'), payload: bytes('{"broken') });
  expect(letter.headers.slice(0, 2)).toEqual([
    ['twice', bytes('a')],
    ['twice', null],
  ]);
  const named = new Map(letter.headers.map(([name, value]) => [name, new TextDecoder().decode(value ?? new Uint8Array())]));
  expect(named.get('__connect.errors.topic')).toBe('rooms.raw');
  expect(named.get('__connect.errors.partition')).toBe('3');
  expect(named.get('__connect.errors.offset')).toBe('41');
  expect(named.get('__connect.errors.exception.message')).toBe('co2Ppm: expected a number');
  expect(named.get('penstock_code')).toBe('test.bad');
  const facts = ['field', 'rule', 'seen'].map((name) => named.get(`penstock_fact_${name}`));
  expect(facts).toEqual(['co2Ppm', 'numbers', '2']);
});

test('a dead letter of records that come encrypted does not tell what the stage has seen', () => {
  const origin = { pipeline: 'rooms', stage: 'preprocess', isSecret: true };
  const told = (problem: Problem): string =>
    deadLetterOfRow(origin, { batch, row: 1 }, problem)
      .headers.map(([name, value]) => `${name}=${new TextDecoder().decode(value ?? new Uint8Array())}`)
      .join('\n');
  const headers = told(bad('co2Ppm: expected 250 to 10000, got 12345', { facts: { field: 'co2Ppm', value: 12_345 } }));
  expect(headers).not.toContain('12345');
  expect(headers).toContain('__connect.errors.exception.message=test.bad: more is not told of records that come encrypted');
  expect(headers).toContain('penstock_fact_field=co2Ppm');
  const rule = defineProblem({ code: 'schema.test', status: 'INVALID_ARGUMENT', remedy: 'reject' });
  expect(told(rule('rule short: it does not hold', { facts: { rule: 'short' } }))).toContain(
    'message=rule short: it does not hold',
  );
});
