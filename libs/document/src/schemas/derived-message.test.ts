import { expect, test } from '@jest/globals';
import type { Field, FieldType } from '@penstock/kernel';
import { parseSchema } from '@penstock/schema';
import fc from 'fast-check';
import { deriveMessage } from './derived-message.ts';

const field = (name: string, type: FieldType = 'number', nullable = true): Field => ({ name, type, nullable });
const at = { pipeline: 'rooms', topic: 'rooms.features' };

const first = deriveMessage({ ...at, fields: [field('key', 'string', false), field('co2Mean'), field('lightMean')] }, null);

test('fields are numbered in their order', () => {
  expect(first).toEqual({
    message: 'rooms.Features',
    text: `syntax = "proto3";
package rooms;

message Features {
  string key = 1;
  optional double co2_mean = 2;
  optional double light_mean = 3;
}
`,
  });
});

test('a field keeps its number wherever it goes, new ones come behind, and what is gone is reserved', () => {
  const second = deriveMessage(
    { ...at, fields: [field('humidityMean'), field('lightMean'), field('key', 'string', false)] },
    first,
  );
  expect(second.text).toContain(`message Features {
  reserved 2;
  reserved "co2_mean";
  string key = 1;
  optional double light_mean = 3;
  optional double humidity_mean = 4;
}`);
  const third = deriveMessage({ ...at, fields: [field('key', 'string', false), field('co2Mean')] }, second);
  expect(third.text).toContain(`message Features {
  reserved 2;
  reserved 3;
  reserved 4;
  reserved "humidity_mean";
  reserved "light_mean";
  string key = 1;
  optional double co2_mean = 5;
}`);
});

test('a field that changes its type gets another number', () => {
  const changed = deriveMessage({ ...at, fields: [field('key', 'integer', false)] }, first);
  expect(changed.text).toContain('  reserved 1;\n  reserved 2;\n  reserved 3;\n');
  expect(changed.text).toContain('  int64 key = 4;\n');
});

test('names that do not follow from each other are written down; times are Timestamps', () => {
  const { text, message } = deriveMessage(
    { pipeline: 'a-b', topic: 'raw.kept', fields: [field('Co2_ppm'), field('at', 'time')] },
    null,
  );
  expect(message).toBe('a_b.RawKept');
  expect(text).toContain('import "google/protobuf/timestamp.proto";');
  expect(text).toContain('  optional double Co2_ppm = 1 [json_name = "Co2_ppm"];');
  expect(text).toContain('  google.protobuf.Timestamp at = 2;');
  expect(parseSchema({ format: 'PROTOBUF', text, message }).shape.fields).toEqual([field('Co2_ppm'), field('at', 'time')]);
});

const types: readonly FieldType[] = ['number', 'integer', 'time', 'boolean', 'string', 'bytes'];
const fields = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('a', 'bC', 'co2Ppm', 'dX9', 'eEE', 'f_g', 'H'),
    type: fc.constantFrom(...types),
    nullable: fc.boolean(),
  }),
  { selector: ({ name }) => name, minLength: 1 },
);

test('over any history of changes, no number ever means two things and the shape comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(fields, { minLength: 1, maxLength: 8 }), (history) => {
      const meanings = new Map<number, string>();
      let registered: ReturnType<typeof deriveMessage> | null = null;
      for (const version of history) {
        registered = deriveMessage({ ...at, fields: version }, registered);
        const schema = parseSchema({ format: 'PROTOBUF', ...registered });
        if (schema.format !== 'PROTOBUF') throw new TypeError('not Protobuf');
        for (const { number, name, proto } of schema.message.fields) {
          expect(meanings.get(number) ?? `${name} ${proto.type}`).toBe(`${name} ${proto.type}`);
          meanings.set(number, `${name} ${proto.type}`);
        }
        const shape = version.map((one) => (one.type === 'time' ? { ...one, nullable: true } : one));
        expect(schema.shape.fields).toHaveLength(shape.length);
        expect(schema.shape.fields).toEqual(expect.arrayContaining(shape));
        expect(deriveMessage({ ...at, fields: version }, registered).text).toBe(registered.text);
      }
    }),
  );
});
