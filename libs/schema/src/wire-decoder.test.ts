import { describe, expect, test } from '@jest/globals';
import { type Binding, type Clock, type Decoder, defineProblem, Rows } from '@penstock/kernel';
import { createEncoder } from './codec.ts';
import type { SchemaRegistry } from './registry/registry.ts';
import { parseSchema, type Schema } from './schema.ts';
import { createWireDecoder } from './wire-decoder.ts';

const outage = defineProblem({ code: 'test.outage', status: 'UNAVAILABLE', remedy: 'retry' });
const number = { name: 'co2Ppm', type: 'number', nullable: true } as const;
const device = { name: 'deviceId', type: 'string', nullable: false } as const;
const bindings: Binding[] = [
  { field: number, slot: 0 },
  { field: device, slot: 1 },
];

const texts = {
  json: '{"type":"object","required":["deviceId"],"properties":{"deviceId":{"type":"string"},"co2Ppm":{"type":"number"}}}',
  avro: '{"type":"record","name":"R","fields":[{"name":"deviceId","type":"string"},{"name":"co2Ppm","type":["null","double"]}]}',
  proto:
    'syntax = "proto3"; message Other { message Inner { string device_id = 7; } } message R { string device_id = 1; optional double co2_ppm = 2; }',
  noDevice: '{"type":"record","name":"R","fields":[{"name":"co2Ppm","type":["null","double"]}]}',
};

/** A registry of the given schemas; counts what it was asked, and may be away. */
function registryOf(schemas: Record<number, Schema>) {
  const state = { asked: [] as number[], away: false, schemas };
  const registry: SchemaRegistry = {
    schema: async (id) => {
      state.asked.push(id);
      if (state.away) throw outage('the registry does not answer');
      return state.schemas[id] ?? null;
    },
    latest: async () => null,
    version: async () => null,
    register: async () => 0,
  };
  return { state, registry };
}

const known = {
  1: parseSchema({ format: 'JSON', text: texts.json }),
  2: parseSchema({ format: 'AVRO', text: texts.avro }),
  3: parseSchema({ format: 'PROTOBUF', text: texts.proto, message: 'R' }),
  4: parseSchema({ format: 'AVRO', text: texts.noDevice }),
};

function payloadOf(id: number, schema: Schema, columns: readonly Binding[] = bindings): Uint8Array {
  const rows = new Rows([number, device]);
  rows.reset(1);
  rows.numbers(0)[0] = 415.5;
  rows.values(1)[0] = 'co2-7';
  return createEncoder(schema, columns, id).encode(rows, 0);
}

async function read(decoder: Decoder, payload: Uint8Array): Promise<unknown[]> {
  const rows = new Rows([number, device]);
  rows.reset(1);
  await decoder.prepare(payload);
  decoder.decode(payload, rows, 0);
  return [rows.numbers(0)[0], rows.values(1)[0]];
}

describe('the decoder of the wire format', () => {
  test('reads records of every format into the same columns, each schema fetched once', async () => {
    const { registry, state } = registryOf(known);
    const decoder = createWireDecoder(registry, bindings);
    for (const id of [1, 2, 3, 2, 1, 3, 3] as const) {
      expect(await read(decoder, payloadOf(id, known[id]))).toEqual([415.5, 'co2-7']);
    }
    expect(state.asked).toEqual([1, 2, 3]);
  });

  test('finds the message that the indexes name, nested ones too, and refuses indexes of none', async () => {
    const { registry } = registryOf(known);
    const decoder = createWireDecoder(registry, bindings);
    const inner = Uint8Array.of(0, 0, 0, 0, 3, 4, 0, 0, 58, 1, 120); // indexes [0, 0]; field 7 is "x"
    expect(await read(decoder, inner)).toEqual([Number.NaN, 'x']);
    const none = Uint8Array.of(0, 0, 0, 0, 3, 2, 18);
    await expect(read(decoder, none)).rejects.toMatchObject({ code: 'schema.unusable' });
    const cut = Uint8Array.of(0, 0, 0, 0, 3, 8);
    await expect(read(decoder, cut)).rejects.toMatchObject({ code: 'schema.invalid-frame' });
  });

  test('rejects an id that the registry does not know, and asks again only after a while', async () => {
    const { registry, state } = registryOf({});
    let nowMs = 0;
    const clock: Clock = { nowMs: () => nowMs, sleep: async () => undefined };
    const decoder = createWireDecoder(registry, bindings, { unknownForMs: 1_000, clock });
    const payload = payloadOf(2, known[2]);
    const refusal = { code: 'schema.unknown-id', remedy: 'reject' };
    await expect(read(decoder, payload)).rejects.toMatchObject(refusal);
    nowMs = 999;
    await expect(read(decoder, payload)).rejects.toMatchObject(refusal);
    expect(state.asked).toHaveLength(1);
    nowMs = 1_000;
    state.schemas = known;
    expect(await read(decoder, payload)).toEqual([415.5, 'co2-7']);
  });

  test('an outage is thrown as one, and the record is read when it has passed', async () => {
    const { registry, state } = registryOf(known);
    state.away = true;
    const decoder = createWireDecoder(registry, bindings);
    const payload = payloadOf(1, known[1]);
    await expect(read(decoder, payload)).rejects.toMatchObject({ remedy: 'retry' });
    state.away = false;
    expect(await read(decoder, payload)).toEqual([415.5, 'co2-7']);
  });

  test('a schema that lacks a needed column rejects its own records only', async () => {
    const { registry } = registryOf(known);
    const decoder = createWireDecoder(registry, bindings);
    const [ppm] = bindings as [Binding];
    await expect(read(decoder, payloadOf(4, known[4], [ppm]))).rejects.toMatchObject({ code: 'schema.unusable' });
    expect(await read(decoder, payloadOf(2, known[2]))).toEqual([415.5, 'co2-7']);
  });

  test('an id that is refused stays refused while others pass', async () => {
    const { registry } = registryOf(known);
    const decoder = createWireDecoder(registry, bindings);
    for (const round of [1, 2]) {
      await expect(read(decoder, payloadOf(9, known[2]))).rejects.toMatchObject({ code: 'schema.unknown-id' });
      expect([round, ...(await read(decoder, payloadOf(2, known[2])))]).toEqual([round, 415.5, 'co2-7']);
    }
  });

  test('keeps no more schemas than it may, and fetches a dropped one again', async () => {
    const { registry, state } = registryOf(known);
    const decoder = createWireDecoder(registry, bindings, { schemasMax: 2 });
    for (const id of [1, 2, 3, 1] as const) await read(decoder, payloadOf(id, known[id]));
    expect(state.asked).toEqual([1, 2, 3, 1]);
  });

  test.each([
    ['nothing', []],
    ['four bytes', [0, 0, 0, 1]],
    ['bare JSON', [...Buffer.from('{"co2Ppm":415}')]],
  ])('%s is no frame', async (_, bytes) => {
    const decoder = createWireDecoder(registryOf(known).registry, bindings);
    await expect(read(decoder, Uint8Array.from(bytes))).rejects.toMatchObject({ code: 'schema.invalid-frame', remedy: 'reject' });
  });
});
