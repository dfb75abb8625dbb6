import { expect, test } from '@jest/globals';
import type { pipelines as api } from '@penstock/contracts';
import type { StagePlan } from '@penstock/document';
import { type Binding, type Field, Rows } from '@penstock/kernel';
import { factFields, type Header } from '@penstock/pipeline';
import { schemaOf } from '@penstock/runner';
import { createEncoder, createRestRegistry, createWireDecoder } from '@penstock/schema';
import { randomName } from '@penstock/testing';
import { layStageGround } from './testing/stage-ground.ts';

const ground = layStageGround();

interface Written {
  readonly schema: string;
  readonly schemas: string;
  readonly files: Readonly<Record<string, string>>;
}

const formats: Readonly<Record<string, Written>> = {
  protobuf: {
    schema: 'rooms/reading.proto#rooms.Reading',
    schemas: '{}',
    files: {
      'rooms/reading.proto': `syntax = "proto3"; package rooms; import "rooms/kind.proto";
        message Reading { string device = 1; int64 at = 2; double value = 3; Kind kind = 4; }`,
      'rooms/kind.proto': 'syntax = "proto3"; package rooms; enum Kind { NONE = 0; CO2 = 1; }',
    },
  },
  avro: {
    schema: 'reading.avsc',
    schemas: '{ rooms.Kind: { file: kind.avsc } }',
    files: {
      'reading.avsc': `{ "type": "record", "name": "rooms.Reading", "fields": [ { "name": "device", "type": "string" },
        { "name": "at", "type": "long" }, { "name": "value", "type": "double" }, { "name": "kind", "type": "Kind" } ] }`,
      'kind.avsc': '{ "type": "enum", "name": "rooms.Kind", "symbols": ["NONE", "CO2"] }',
    },
  },
  json: {
    schema: 'reading.json',
    schemas: '{}',
    files: {
      'reading.json': `{ "type": "object", "required": ["device", "at", "value", "kind"], "properties": { "device": { "type": "string" },
        "at": { "type": "integer" }, "value": { "type": "number" }, "kind": { "$ref": "kind.json" } } }`,
      'kind.json': '{ "type": "string", "enum": ["NONE", "CO2"] }',
    },
  },
};

function documentOf(pipeline: string, { schema, schemas, files }: Written): api.Document {
  const text = `pipeline: ${pipeline}
document: 1
schemas: ${schemas}
record: { schema: ${schema}, eventTime: { field: at }, key: device }
stages:
  ingest:
    from: { mqtt: { url: mqtt://127.0.0.1:1883, topics: [a], payload: json } }
    to: { kafka: { topic: ${pipeline}.raw } }
  hot:
    from: { kafka: { topic: ${pipeline}.raw } }
    via: [{ compute: { isCo2: 'kind == "CO2"', twice: value * 2.0 } }]
    to: { kafka: { topic: ${pipeline}.hot } }
`;
  return { text, file: 'rooms.yaml', files: new Map(Object.entries(files)) };
}

const columnsOf = (fields: readonly Field[]): Binding[] =>
  fields.map((field, index) => ({ field, slot: factFields.length + index }));

function payloadOf({ input }: StagePlan, values: Readonly<Record<string, unknown>>): Uint8Array {
  const schema = schemaOf(input.schema);
  const bindings = columnsOf(schema.shape.fields);
  const rows = new Rows([...factFields, ...schema.shape.fields]);
  rows.reset(1);
  for (const { field, slot } of bindings) {
    if (field.type === 'string') rows.values(slot)[0] = values[field.name];
    else rows.numbers(slot)[0] = values[field.name] as number;
  }
  return createEncoder(schema, bindings, input.schema.id).encode(rows, 0);
}

async function run(stage: StagePlan, payload: Uint8Array, named: readonly Header[] = []): Promise<void> {
  await ground.publish(stage, payload, named);
  expect(await ground.run(stage)).toMatchObject({ forwarded: 1, rejected: 0 });
}

/** Reads as a stranger does: by what the registry says of the id in the payload. */
async function readAll(topic: string, fields: readonly Field[]): Promise<Record<string, unknown>[]> {
  const bindings = columnsOf(fields);
  const decoder = createWireDecoder(createRestRegistry({ url: ground.gateway.url }), bindings);
  const read: Record<string, unknown>[] = [];
  for (const { value } of await ground.recordsOf(topic, 1)) {
    const rows = new Rows([...factFields, ...fields]);
    rows.reset(1);
    await decoder.prepare(value as Uint8Array);
    decoder.decode(value as Uint8Array, rows, 0);
    const holdsNumbers = ({ type }: Field): boolean => ['number', 'integer', 'time'].includes(type);
    const of = ({ field, slot }: Binding): unknown => (holdsNumbers(field) ? rows.numbers(slot)[0] : rows.values(slot)[0]);
    read.push(Object.fromEntries(bindings.map((binding) => [binding.field.name, of(binding)])));
  }
  return read;
}

test.each(Object.keys(formats))(
  'records whose schema refers to another flow through a deployed pipeline (%s)',
  async (name) => {
    const pipeline = randomName('rooms').replace('_', '-');
    const stages = await ground.apply(pipeline, documentOf(pipeline, formats[name] as Written));
    const stage = stages.get('hot') as StagePlan;
    expect(stage.input.schema.references).toHaveLength(1);

    const record = { device: 'd', at: 1_000, value: 7, kind: 'CO2' };
    await run(stage, payloadOf(stage, record));
    expect(await readAll(`${pipeline}.raw`, schemaOf(stage.input.schema).shape.fields)).toEqual([record]);
    const hot = stage.output.bindings.map(({ field }) => field);
    expect(await readAll(`${pipeline}.hot`, hot)).toEqual([expect.objectContaining({ kind: 'CO2', twice: 14, isCo2: true })]);
    const [reference] = stage.input.schema.references ?? [];
    for (const subject of [`${pipeline}.raw-value`, reference?.subject ?? ''])
      expect((await fetch(`${ground.gateway.url}/subjects/${encodeURIComponent(subject)}`, { method: 'DELETE' })).status).toBe(
        200,
      );
    // Deleted softly: records that were written are still read.
    expect(await readAll(`${pipeline}.raw`, schemaOf(stage.input.schema).shape.fields)).toEqual([record]);
  },
  40_000,
);

/** As the registry tells it to those who take fields of later days. */
async function guidOf(subject: string): Promise<string> {
  const headers = { 'Confluent-Accept-Unknown-Properties': 'true' };
  const response = await fetch(`${ground.gateway.url}/subjects/${subject}/versions/latest`, { headers });
  return ((await response.json()) as { guid: string }).guid;
}

test('a record that names its schema in a header flows as well', async () => {
  const pipeline = randomName('rooms').replace('_', '-');
  const stages = await ground.apply(pipeline, documentOf(pipeline, formats['avro'] as Written));
  const stage = stages.get('hot') as StagePlan;

  const guid = Buffer.from((await guidOf(`${pipeline}.raw-value`)).replaceAll('-', ''), 'hex');
  const bare = payloadOf(stage, { device: 'd', at: 1_000, value: 7, kind: 'CO2' }).subarray(5);
  await run(stage, bare, [['__value_schema_id', Buffer.concat([Buffer.of(1), guid])]]);
  const hot = stage.output.bindings.map(({ field }) => field);
  expect(await readAll(`${pipeline}.hot`, hot)).toEqual([expect.objectContaining({ device: 'd', kind: 'CO2', twice: 14 })]);
}, 40_000);
