import { expect, test } from '@jest/globals';
import { DraftCache } from './draft-cache.ts';

const record = (field: string): string => `{"type":"record","name":"R","fields":[{"name":"${field}","type":"int"}]}`;

test('what is seen for the second time is parsed no more', () => {
  const drafts = new DraftCache();
  const first = drafts.parse('AVRO', record('a'));
  const second = drafts.parse('AVRO', record('a'));
  expect(second).not.toBe(first);
  expect(drafts.parse('AVRO', record('a'))).toBe(second);
});

test('one text in two formats is two schemas', () => {
  const drafts = new DraftCache();
  const text = '{"type":"string"}';
  for (let times = 0; times < 3; times += 1) {
    expect(drafts.parse('AVRO', text).format).toBe('AVRO');
    expect(drafts.parse('JSON', text).format).toBe('JSON');
  }
});

test('the oldest of many is parsed anew', () => {
  const drafts = new DraftCache();
  const keep = (field: string): unknown => [drafts.parse('AVRO', record(field)), drafts.parse('AVRO', record(field))][1];
  const oldest = keep('oldest');
  expect(drafts.parse('AVRO', record('oldest'))).toBe(oldest);
  for (let index = 0; index < 600; index += 1) keep(`f${index}`);
  expect(drafts.parse('AVRO', record('oldest'))).not.toBe(oldest);
});
