import { describe, expect, test } from '@jest/globals';
import { type Binding, Rows, schemaHeaders } from '@penstock/kernel';
import { createEncoder } from '../codec.ts';
import type { SchemaRegistry } from '../registry/registry.ts';
import { parseSchema, type Schema } from '../schema.ts';
import { createWireDecoder } from '../wire-decoder.ts';
import { schemaHeaderOf } from './header-frame.ts';

const level = { name: 'level', type: 'integer', nullable: false } as const;
const bindings: Binding[] = [{ field: level, slot: 0 }];

/** The first byte of a record may look like the beginning of a frame: of Avro's it is zero here. */
const schemas = {
  json: parseSchema({
    format: 'JSON',
    text: '{"type":"object","required":["level"],"properties":{"level":{"type":"integer"}}}',
  }),
  avro: parseSchema({ format: 'AVRO', text: '{"type":"record","name":"R","fields":[{"name":"level","type":"long"}]}' }),
  proto: parseSchema({
    format: 'PROTOBUF',
    text: 'syntax = "proto3"; message A { message B { int64 level = 1; } } message C { int64 level = 2; }',
  }),
};
const guids = {
  json: '00000000-0000-0000-0000-000000000001',
  avro: '89791762-2336-4186-9674-299b90a802e2',
  proto: 'ffffffff-ffff-4fff-bfff-ffffffffffff',
};
type Name = keyof typeof schemas;

function registryOf(): { registry: SchemaRegistry; asked: (number | string)[] } {
  const asked: (number | string)[] = [];
  const registry: SchemaRegistry = {
    async schema(id) {
      asked.push(id);
      return { 1: schemas.json, 2: schemas.avro, 3: schemas.proto }[id] ?? null;
    },
    async byGuid(guid) {
      asked.push(guid);
      const name = (Object.keys(guids) as Name[]).find((each) => guids[each] === guid);
      return name === undefined ? null : { id: null, schema: schemas[name] };
    },
    latest: async () => null,
    version: async () => null,
    register: async () => 0,
  };
  return { registry, asked };
}

function bareOf(schema: Schema, value: number): Uint8Array {
  const rows = new Rows([level]);
  rows.reset(1);
  rows.numbers(0)[0] = value;
  return createEncoder(schema, bindings, null).encode(rows, 0);
}

function guidBytes(guid: string, ...indexes: number[]): Uint8Array {
  return Buffer.concat([Buffer.of(1), Buffer.from(guid.replaceAll('-', ''), 'hex'), Buffer.from(indexes)]);
}

const header = (value: Uint8Array | null) => [schemaHeaders.value, value] as const;
type Headers = readonly (readonly [name: string, value: Uint8Array | null])[];

function reader() {
  const { registry, asked } = registryOf();
  const decoder = createWireDecoder(registry, bindings);
  const rows = new Rows([level]);
  const read = async (bare: Uint8Array, headers: Headers): Promise<unknown> => {
    const payload = decoder.framed?.(bare, headers) ?? bare;
    rows.reset(1);
    await decoder.prepare(payload);
    decoder.decode(payload, rows, 0);
    return rows.numbers(0)[0];
  };
  return { read, asked, decoder };
}

describe('a header that names the schema', () => {
  test('by its GUID, fetched once, in every format; by its id as well', async () => {
    const { read, asked } = reader();
    const named: readonly (readonly [Name, number, number[]])[] = [
      ['json', 1, []],
      ['avro', 2, []],
      ['proto', 3, [2, 2]],
    ];
    for (let round = 0; round < 2; round += 1) {
      for (const [name, id, indexes] of named) {
        const schema =
          name === 'proto' ? parseSchema({ format: 'PROTOBUF', text: schemas.proto.text, message: 'C' }) : schemas[name];
        const bare = bareOf(schema, 7);
        expect(await read(bare, [['trace', null], header(guidBytes(guids[name], ...indexes))])).toBe(7);
        expect(await read(bare, [header(Buffer.from([0, 0, 0, 0, id, ...indexes]))])).toBe(7);
      }
    }
    expect(asked).toEqual([guids.json, 1, guids.avro, 2, guids.proto, 3]);
  });

  test('with the indexes of a nested message behind it', async () => {
    const { read } = reader();
    expect(await read(Uint8Array.of(8, 9), [header(guidBytes(guids.proto, 4, 0, 0))])).toBe(9);
  });

  test.each<readonly [Name, string | undefined, number[]]>([
    ['json', undefined, []],
    ['avro', undefined, []],
    ['proto', 'A', [0]],
    ['proto', 'C', [2, 2]],
  ])('is written as it is read: %s %s', async (name, message, indexes) => {
    const { format, text } = schemas[name];
    const schema = parseSchema({ format, text, ...(message === undefined ? {} : { message }) });
    const [written, value] = schemaHeaderOf(schema, guids[name]);
    expect([written, Buffer.from(value)]).toEqual(['__value_schema_id', guidBytes(guids[name], ...indexes)]);
    if (message !== 'A') expect(await reader().read(bareOf(schema, 7), [[written, value]])).toBe(7);
    expect(() => schemaHeaderOf(schema, '8979')).toThrow('no GUID');
  });

  test('goes before whatever the payload begins with, and the last of several counts', async () => {
    const { read } = reader();
    const bare = bareOf(schemas.avro, 0);
    expect([...bare]).toEqual([0]);
    const looksFramed = Buffer.concat([Buffer.of(0x80, 0x80, 0x80, 0x80, 0x01)]);
    expect(await read(looksFramed, [header(guidBytes(guids.avro))])).toBe(134_217_728);
    expect(await read(bare, [header(guidBytes(guids.json)), header(guidBytes(guids.avro)), header(null)])).toBe(0);
  });

  test('a payload may begin with it itself', async () => {
    const { read } = reader();
    expect(await read(Buffer.concat([guidBytes(guids.avro), bareOf(schemas.avro, 5)]), [])).toBe(5);
  });

  test.each([
    ['too short a GUID', guidBytes(guids.avro).subarray(0, 16), 'schema.invalid-frame'],
    ['too short an id', Buffer.of(0, 0, 0, 0), 'schema.invalid-frame'],
    ['nothing', Buffer.of(), 'schema.invalid-frame'],
    ['something else', Buffer.alloc(20, 7), 'schema.invalid-frame'],
    ['a GUID that nobody knows', guidBytes('11111111-1111-1111-1111-111111111111'), 'schema.unknown-id'],
  ])('%s rejects the record', async (_, value, code) => {
    const { read } = reader();
    // What follows is as long as what is missing, and means nothing in its place.
    await expect(read(Buffer.alloc(20, 2), [header(value)])).rejects.toMatchObject({ code, remedy: 'reject' });
  });

  test('without it nothing is copied', () => {
    const { decoder } = reader();
    const payload = Buffer.of(0, 0, 0, 0, 2, 14);
    expect(decoder.framed?.(payload, [[schemaHeaders.key, guidBytes(guids.avro)]])).toBe(payload);
  });
});
