import { expect, test } from '@jest/globals';
import { parseSchema, type Schema } from '@penstock/schema';
import { readingWithBattery, readingWithoutCo2 } from './evolution.ts';

const fieldsOf = (text: string): string[] => {
  const schema: Schema = parseSchema({ format: 'PROTOBUF', text, message: 'rooms.v1.Reading' });
  return schema.shape.fields.map(({ name }) => name);
};

test('the second version has one field more, the third has lost the one that windows are made from', () => {
  expect(fieldsOf(readingWithBattery())).toEqual(expect.arrayContaining(['co2Ppm', 'batteryPct']));
  expect(fieldsOf(readingWithoutCo2())).toContain('batteryPct');
  expect(fieldsOf(readingWithoutCo2())).not.toContain('co2Ppm');
});
