import { expect, test } from '@jest/globals';
import type { AppliedSchema, StagePlan } from '@penstock/document';
import { type Binding, Rows, systemClock } from '@penstock/kernel';
import { createEncoder, parseSchema, type RuleExecutor, type SchemaRegistry, schemaHeaderOf } from '@penstock/schema';
import { schemaOf } from './known-schemas.ts';
import { createInputDecoder, createOutputEncoder, originOf } from './stage-parts.ts';

const textOf = (name: string): string => `{"type":"object","properties":{"${name}":{"type":"string"}},"required":["${name}"]}`;
const bindingOf = (name: string): Binding => ({ field: { name, type: 'string', nullable: false }, slot: 0 });

function applied(name: string, version: number, ruleSet: Readonly<Record<string, unknown>> = {}): AppliedSchema {
  const contract = { metadata: null, ruleSet };
  return { subject: 's', id: version, version, format: 'JSON', text: textOf(name), contract };
}

/** Only what codecs read of a plan. */
function planOf(schema: AppliedSchema, name: string): StagePlan {
  const side = { schema, bindings: [bindingOf(name)] };
  return { name: 'stage', input: { ...side, payload: 'wire', set: new Set() }, output: side } as unknown as StagePlan;
}

const old = parseSchema({ format: 'JSON', text: textOf('old') });
const registry: SchemaRegistry = {
  schema: async (id) => (id === 1 ? old : null),
  latest: async () => null,
  version: async () => null,
  versionOf: async (subject, id) => (subject === 's' ? id : null),
  register: async () => 0,
};

function rowsOf(value: string): Rows {
  const rows = new Rows([bindingOf('any').field]);
  rows.reset(1);
  rows.values(0)[0] = value;
  return rows;
}

test('a stage reads records of an older version as its document has them', async () => {
  const upgrade = { name: 'up', type: 'JSONATA', kind: 'TRANSFORM', mode: 'UPGRADE', expr: "{'new': old & '!'}" };
  const decoder = createInputDecoder(planOf(applied('new', 2, { migrationRules: [upgrade] }), 'new'), { registry }, systemClock);
  const payload = createEncoder(old, [bindingOf('old')], 1).encode(rowsOf('x'), 0);
  const rows = rowsOf('');
  await decoder.prepare(payload);
  decoder.decode(payload, rows, 0);
  expect(rows.values(0)[0]).toBe('x!');
});

test('a stage writes and reads with the executors that its service gives it, under the subject of its schema', async () => {
  const sealed: string[] = [];
  const executor: RuleExecutor = {
    type: 'ENCRYPT',
    open: ({ moment, subject }) => ({
      of: 'fields',
      waits: true,
      run: async (value) => sealed.push(`${moment} ${subject}`) && value,
    }),
  };
  const encrypt = { name: 'e', type: 'ENCRYPT', kind: 'TRANSFORM', mode: 'WRITEREAD' };
  const plan = planOf(applied('new', 1, { domainRules: [encrypt] }), 'new');
  const encoder = createOutputEncoder(plan, [executor]);
  const rows = rowsOf('x');
  await encoder.prepare?.(rows);
  const payload = encoder.encode(rows, 0);
  const decoder = createInputDecoder(plan, { registry, executors: [executor] }, systemClock);
  await decoder.prepare(payload);
  decoder.decode(payload, rows, 0);
  expect(sealed).toEqual(['WRITE s', 'READ s']);
});

test('a stage that names its schema in a header writes bare payloads, and the next one asks nobody for it', async () => {
  const schema = { ...applied('new', 7), guid: '89791762-2336-4186-9674-299b90a802e2' };
  const { output, ...plan } = planOf(schema, 'new');
  const encoder = createOutputEncoder({ ...plan, output: { ...output, schemaId: 'header' } });
  const bare = encoder.encode(rowsOf('x'), 0);
  expect(Buffer.from(bare).toString()).toBe('{"new":"x"}');

  const decoder = createInputDecoder({ ...plan, output }, { registry }, systemClock);
  const named = decoder.framed?.(bare, [schemaHeaderOf(schemaOf(schema), schema.guid)]) ?? bare;
  const rows = rowsOf('');
  await decoder.prepare(named);
  decoder.decode(named, rows, 0);
  expect(rows.values(0)[0]).toBe('x');
});

test('dead letters of what is read encrypted keep the values to themselves, those of what came in clear need not', () => {
  const encrypt = { name: 'e', type: 'ENCRYPT_PAYLOAD', kind: 'TRANSFORM', mode: 'WRITEREAD' };
  const isSecret = (kind: 'kafka' | 'mqtt', ruleSet: Readonly<Record<string, unknown>>): boolean | undefined =>
    originOf({ ...planOf(applied('new', 1, ruleSet), 'new'), from: { kind } } as StagePlan).isSecret;
  expect(isSecret('kafka', { encodingRules: [encrypt] })).toBe(true);
  expect(isSecret('kafka', {})).toBe(false);
  expect(isSecret('mqtt', { encodingRules: [encrypt] })).toBe(false);
});
