import { expect, test } from '@jest/globals';
import { parseSchema } from '@penstock/schema';
import { resolveAvro } from './resolve-avro.ts';

const record = (name: string, fields: readonly (readonly [string, unknown])[]): object => ({
  type: 'record',
  name,
  fields: fields.map(([field, type]) => ({ name: field, type })),
});
const resolve = (text: unknown, ...imports: readonly unknown[]): unknown =>
  JSON.parse(
    resolveAvro(
      JSON.stringify(text),
      imports.map((each) => JSON.stringify(each)),
    ),
  );

test('what is referred to stands where it is first named, and by its name after that', () => {
  const room = record('a.Room', [
    ['kind', { type: 'enum', name: 'Kind', symbols: ['X'] }],
    ['next', ['null', 'Room']],
  ]);
  const schema = record('a.Building', [
    ['one', 'Room'],
    ['more', { type: 'array', items: 'a.Room' }],
    ['kind', 'Kind'],
  ]);
  const resolved = resolve(schema, room);
  expect(resolved).toEqual(
    record('a.Building', [
      ['one', { ...room, namespace: 'a' }],
      ['more', { type: 'array', items: 'a.Room' }],
      ['kind', 'Kind'],
    ]),
  );
  expect(parseSchema({ format: 'AVRO', text: JSON.stringify(resolved) }).format).toBe('AVRO');
});

test('a part that was named first is not defined again by the whole', () => {
  const kind = { type: 'enum', name: 'b.Kind', symbols: ['X'] };
  const room = record('b.Room', [['kind', kind]]);
  const resolved = resolve(
    record('c.Two', [
      ['kind', 'b.Kind'],
      ['room', 'b.Room'],
    ]),
    room,
  );
  expect(resolved).toMatchObject({
    fields: [{ type: { ...kind, namespace: 'b' } }, { type: { name: 'b.Room', fields: [{ type: 'b.Kind' }] } }],
  });
  expect(parseSchema({ format: 'AVRO', text: JSON.stringify(resolved) }).format).toBe('AVRO');
});

test('what has no namespace keeps none, and a text that refers to nothing stays', () => {
  expect(resolve('Plain', record('Plain', []))).toEqual({ ...record('Plain', []), namespace: '' });
  expect(
    resolve(
      record('d.X', [
        ['a', 'int'],
        ['self', ['null', 'X']],
      ]),
    ),
  ).toEqual(
    record('d.X', [
      ['a', 'int'],
      ['self', ['null', 'X']],
    ]),
  );
});
