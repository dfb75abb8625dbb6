import { describe, expect, test } from '@jest/globals';
import { defineProblem, type Encoder, type Field, Rows, rowFate } from '@penstock/kernel';
import { createDecoder, createEncoder } from '../codec.ts';
import type { SchemaRegistry } from '../registry/registry.ts';
import { parseSchema, type Schema } from '../schema.ts';
import { createWireDecoder } from '../wire-decoder.ts';
import type { Awaitable, RuleExecutor } from './executor.ts';

const text =
  '{"type":"record","name":"R","fields":[{"name":"owner","type":"string","confluent:tags":["PII"]},{"name":"room","type":"string"}]}';
const fields: Field[] = ['owner', 'room'].map((name) => ({ name, type: 'string', nullable: false }));
const bindings = fields.map((field, slot) => ({ field, slot }));
const outage = defineProblem({ code: 'test.outage', status: 'UNAVAILABLE', remedy: 'retry' });

const reversed = (text: unknown): string => [...String(text)].reverse().join('');

/** Turns texts around once their key is there, as a cipher would that fetches it. */
function mirror(fetchKey: () => Promise<void>): RuleExecutor {
  let known = false;
  return {
    type: 'MIRROR',
    open: ({ parameter }) => ({
      of: 'fields',
      waits: true,
      run(value): Awaitable<unknown> {
        if (value === parameter('refuses')) throw new TypeError('it cannot be turned');
        if (known) return reversed(value);
        return fetchKey().then(() => {
          known = true;
          return reversed(value);
        });
      },
    }),
  };
}

const flipped: RuleExecutor = {
  type: 'FLIP',
  open: () => ({ of: 'bytes', waits: true, run: async (body) => body.map((byte) => byte ^ 0xff) }),
};

function schemaWith(ruleSet: object): Schema {
  return parseSchema({
    format: 'AVRO',
    text,
    contract: { metadata: { properties: { refuses: 'nobody' } }, ruleSet: { ...ruleSet } },
  });
}

const mirrored = { name: 'm', type: 'MIRROR', kind: 'TRANSFORM', mode: 'WRITEREAD', tags: ['PII'] };
const ruled = schemaWith({ domainRules: [mirrored] });
const plain = parseSchema({ format: 'AVRO', text });

function rowsOf(...owners: readonly string[]): Rows {
  const rows = new Rows(fields);
  rows.reset(owners.length);
  for (const [row, owner] of owners.entries()) {
    rows.values(0)[row] = owner;
    rows.values(1)[row] = 'attic';
  }
  return rows;
}

const bare = (owner: string): Uint8Array => createEncoder(plain, bindings, null).encode(rowsOf(owner), 0);
const wired = (owner: string): Uint8Array => createEncoder(plain, bindings, 7).encode(rowsOf(owner), 0);

const registry: SchemaRegistry = {
  schema: async () => ruled,
  latest: async () => null,
  version: async () => null,
  register: async () => 0,
};

function written(encoder: Encoder, rows: Rows, row = 0): unknown {
  const into = rowsOf('');
  createDecoder(plain, bindings).decode(encoder.encode(rows, row), into, 0);
  return into.values(0)[0];
}

describe('rules that are waited for, at reading', () => {
  test('run while the record is prepared, and no turn is lost once their key is there', async () => {
    let fetches = 0;
    const executors = [mirror(async () => void (fetches += 1))];
    const decoder = createWireDecoder(registry, bindings, { executors });
    const rows = rowsOf('');
    for (const [owner, waits] of [
      ['ann', true],
      ['bob', false],
    ] as const) {
      const payload = wired(owner);
      const waiting = decoder.prepare(payload);
      expect(waiting !== null).toBe(waits);
      await waiting;
      decoder.decode(payload, rows, 0);
      expect(rows.values(0)[0]).toBe(reversed(owner));
    }
    expect(fetches).toBe(1);
  });

  test('interleave: each outcome is that of its own payload', async () => {
    const decoder = createDecoder(ruled, bindings, { executors: [mirror(async () => undefined)] });
    const payloads = ['ann', 'bob'].map(bare);
    await Promise.all(payloads.map((payload) => decoder.prepare(payload)));
    const rows = rowsOf('', '');
    for (const [row, payload] of payloads.entries()) decoder.decode(payload, rows, row);
    expect([rows.values(0)[0], rows.values(0)[1]]).toEqual(['nna', 'bob']);
  });

  test('what they refuse is refused when it is decoded, and an outage is thrown while it is prepared', async () => {
    const refusing = createDecoder(ruled, bindings, { executors: [mirror(async () => undefined)] });
    const refused = bare('nobody');
    expect(refusing.prepare(refused)).toBeNull();
    expect(() => refusing.decode(refused, rowsOf(''), 0)).toThrow(/rule m: it cannot be turned/);
    const away = createDecoder(ruled, bindings, { executors: [mirror(() => Promise.reject(outage('no keys')))] });
    await expect(away.prepare(bare('ann'))).rejects.toMatchObject({ code: 'test.outage' });
  });

  test('a record that nobody prepared does not pass unruled', () => {
    const decoder = createDecoder(ruled, bindings, { executors: [mirror(async () => undefined)] });
    expect(() => decoder.decode(bare('ann'), rowsOf(''), 0)).toThrow(expect.objectContaining({ code: 'schema.broken-rule' }));
  });
});

describe('rules that are waited for, at writing', () => {
  test('run for the rows that flow, before they are encoded', async () => {
    const encoder = createEncoder(ruled, bindings, { schemaId: null, executors: [mirror(async () => undefined)] });
    const rows = rowsOf('nobody', 'ann', 'bob', 'eve');
    rows.fate[3] = rowFate.dropped;
    await encoder.prepare?.(rows);
    expect(() => encoder.encode(rows, 0)).toThrow('rule m: it cannot be turned');
    expect([written(encoder, rows, 1), written(encoder, rows, 2)]).toEqual(['nna', 'bob']);
    expect(encoder.prepare?.(rowsOf('cat'))).toBeNull();
  });

  test('lanes that share an encoder do not see the rows of each other', async () => {
    const encoder = createEncoder(ruled, bindings, { schemaId: null, executors: [mirror(async () => undefined)] });
    const lanes = [rowsOf('ann'), rowsOf('cat')];
    await Promise.all(lanes.map((rows) => encoder.prepare?.(rows)));
    expect(lanes.map((rows) => written(encoder, rows))).toEqual(['nna', 'tac']);
  });
});

test('rules of the encoding run on bytes, before the record is read and after it is written', async () => {
  const flip = { name: 'f', type: 'FLIP', kind: 'TRANSFORM', mode: 'WRITEREAD' };
  const condition = { name: 'c', type: 'CEL', kind: 'CONDITION', mode: 'WRITEREAD', expr: "message.owner == 'ann'" };
  const both = schemaWith({ domainRules: [condition], encodingRules: [flip] });
  const options = { executors: [flipped] };
  const encoder = createEncoder(both, bindings, { schemaId: null, ...options });
  const rows = rowsOf('ann');
  await encoder.prepare?.(rows);
  const payload = encoder.encode(rows, 0);
  expect(Buffer.from(payload.map((byte) => byte ^ 0xff))).toEqual(Buffer.from(bare('ann')));
  const decoder = createDecoder(both, bindings, options);
  await decoder.prepare(payload);
  const into = rowsOf('');
  decoder.decode(payload, into, 0);
  expect(into.values(0)[0]).toBe('ann');
});

test('what is to be encrypted is not written in clear where nothing encrypts it, whatever the action says', () => {
  for (const type of ['ENCRYPT', 'ENCRYPT_PAYLOAD']) {
    const list = type === 'ENCRYPT' ? 'domainRules' : 'encodingRules';
    const sealed = { name: 's', type, kind: 'TRANSFORM', mode: 'WRITEREAD', tags: ['PII'], onFailure: 'NONE,NONE' };
    const schema = schemaWith({ [list]: [sealed] });
    expect(() => createEncoder(schema, bindings, null).encode(rowsOf('ann'), 0)).toThrow('rule s');
    const into = rowsOf('');
    createDecoder(schema, bindings).decode(bare('ann'), into, 0);
    expect(into.values(0)[0]).toBe('ann');
  }
});

test('a schema whose rules are never waited for is not prepared', () => {
  const condition = { name: 'c', type: 'CEL', kind: 'CONDITION', mode: 'WRITEREAD', expr: 'true' };
  for (const schema of [plain, schemaWith({ domainRules: [condition] })]) {
    expect(createEncoder(schema, bindings, null).prepare).toBeUndefined();
    expect(createDecoder(schema, bindings).prepare(bare('ann'))).toBeNull();
  }
});
