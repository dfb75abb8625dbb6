import { describe, expect, test } from '@jest/globals';
import type { AppliedSchema } from './applied.ts';
import { applyDocument } from './apply-document.ts';
import type { CheckFacts } from './check-facts.ts';
import { pinReferences } from './check-facts.ts';
import { formatComplaint } from './complaint.ts';
import { planPipeline } from './plan-pipeline.ts';
import { readDocument } from './reading/read-document.ts';
import { checkText } from './testing/rooms.ts';
import { drive, passOn } from './testing/stage-driver.ts';

const document = (schema: string, schemas = ''): string => `pipeline: p
document: 1
${schemas}record: { schema: ${schema}, eventTime: { field: at }, key: device }
stages:
  in:
    from: { mqtt: { url: mqtt://127.0.0.1:1883, topics: [a], payload: json } }
    to: { kafka: { topic: p.raw } }
  keep:
    from: { kafka: { topic: p.raw } }
    to: { postgres: { url: "\${env:URL}", table: kept, mode: append } }
`;

type Files = Readonly<Record<string, string>>;

const proto: Files = {
  'proto/rooms/reading.proto': `syntax = "proto3"; package rooms; import "rooms/place.proto"; import "kind.proto";
    message Reading { string device = 1; int64 at = 2; double value = 3; Kind kind = 4; Place place = 5; }`,
  'proto/rooms/place.proto': `syntax = "proto3"; package rooms; import "units/unit.proto"; message Place { units.Unit unit = 1; }`,
  'proto/units/unit.proto': `syntax = "proto3"; package units; message Unit { string name = 1; }`,
  'proto/rooms/kind.proto': `syntax = "proto3"; package rooms; enum Kind { NONE = 0; CO2 = 1; }`,
};
const avro: Files = {
  'reading.avsc': JSON.stringify({
    type: 'record',
    name: 'Reading',
    namespace: 'rooms',
    fields: [
      { name: 'device', type: 'string' },
      { name: 'at', type: 'long' },
      { name: 'value', type: 'double' },
      { name: 'kind', type: 'Kind' },
      { name: 'place', type: ['null', 'rooms.Place'], default: null },
    ],
  }),
  'place.avsc': JSON.stringify({
    type: 'record',
    name: 'rooms.Place',
    fields: [{ name: 'unit', type: 'units.Unit' }],
  }),
  'unit.avsc': '{ "type": "fixed", "name": "units.Unit", "size": 2 }',
  'kind.avsc': '{ "type": "enum", "name": "rooms.Kind", "symbols": ["NONE", "CO2"] }',
};
const avroSchemas = `schemas:
  rooms.Place: { file: place.avsc, subject: places }
  rooms.Kind: { file: kind.avsc }
  units.Unit: { file: unit.avsc }
`;
const json: Files = {
  'schemas/reading.json': JSON.stringify({
    type: 'object',
    properties: {
      device: { type: 'string' },
      at: { type: 'integer' },
      value: { type: 'number' },
      kind: { $ref: 'common/kind.json' },
      place: { $ref: 'https://penstock.test/place.json' },
    },
    required: ['device', 'at', 'value', 'kind'],
  }),
  'schemas/common/kind.json': '{ "enum": ["NONE", "CO2"], "type": "string" }',
  'place.json': '{ "type": "object", "properties": { "unit": { "$ref": "https://penstock.test/unit.json#/$defs/unit" } } }',
  'unit.json': '{ "$defs": { "unit": { "type": "string", "maxLength": 2 } } }',
};
const jsonSchemas = `schemas:
  https://penstock.test/place.json: { file: place.json, subject: places }
  https://penstock.test/unit.json: { file: unit.json }
`;

const reading =
  (files: Files): CheckFacts['readFile'] =>
  (path) =>
    files[path] ?? null;

/** As a gateway does: everything is registered for the first time. */
function apply(text: string, files: Files) {
  const checked = checkText(text, { readFile: reading(files) });
  expect(checked.complaints).toEqual([]);
  const parsed = readDocument(text, { file: 'p.yaml' }).document;
  if (parsed === null) throw new Error('nothing can be read');
  const versions = new Map(checked.references.map(({ subject }, index) => [subject, index + 1]));
  const schemas = checked.schemas.map((schema, index) => ({ ...pinReferences(schema, versions), id: index + 1, version: 1 }));
  return { checked, applied: applyDocument(parsed, schemas, 0), versions };
}

const formats = [
  { format: 'PROTOBUF', text: document('proto/rooms/reading.proto#rooms.Reading'), files: proto },
  { format: 'AVRO', text: document('reading.avsc', avroSchemas), files: avro },
  { format: 'JSON', text: document('schemas/reading.json', jsonSchemas), files: json },
];

describe.each(formats)('$format', ({ format, text, files }) => {
  test('what is referred to is registered first, what it needs itself before it', () => {
    const { checked } = apply(text, files);
    const before = new Set<string>();
    for (const schema of [...checked.references, ...checked.schemas]) {
      expect(schema.format).toBe(format);
      for (const { subject } of schema.references ?? []) expect(before).toContain(subject);
      before.add(schema.subject);
    }
    expect([...before]).toHaveLength(4);
  });

  test('records flow by what was applied alone', async () => {
    const { applied } = apply(text, files);
    const plan = planPipeline(JSON.parse(JSON.stringify(applied)));
    expect(plan).toEqual(expect.objectContaining({ version: applied.version }));
    const payload = Buffer.from(JSON.stringify({ device: 'd', at: 1_000, value: 7, kind: 'CO2' }));
    const ingested = await drive(plan, 'in', { incoming: [{ key: '', payload }] });
    expect(ingested.refusals.map(({ problem }) => problem.message)).toEqual([]);
    const kept = await drive(plan, 'keep', { incoming: passOn(ingested) });
    expect(kept.refusals.map(({ problem }) => problem.message)).toEqual([]);
    expect(JSON.parse(String(Buffer.from(kept.outputs[0]?.payload ?? [])))).toMatchObject({ device: 'd', value: 7, kind: 'CO2' });
  });

  test('what is registered as it is stays', () => {
    const { checked, versions } = apply(text, files);
    const stored = [...checked.references, ...checked.schemas].map((schema): AppliedSchema => {
      return { ...pinReferences(schema, versions), id: 9, version: versions.get(schema.subject) ?? 1 };
    });
    const registered = new Map(stored.map((schema) => [schema.subject, schema]));
    const again = checkText(text, { readFile: reading(files), registered });
    const raw = again.stages[0]?.output.schema;
    expect([raw?.id, raw?.version]).toEqual([9, 1]);
    expect(raw?.references).toEqual(registered.get('p.raw-value')?.references);
    expect(raw?.references?.every(({ version }) => version > 0)).toBe(true);
  });
});

test('a file whose path begins at the root names those beside it', () => {
  const files = Object.fromEntries(Object.entries(proto).map(([path, text]) => [`/lab/${path}`, text]));
  const { complaints, references } = checkText(document('/lab/proto/rooms/reading.proto#rooms.Reading'), {
    readFile: reading(files),
  });
  expect(complaints).toEqual([]);
  expect(references).toHaveLength(3);
});

test('a change of what is referred to is a new version of what refers to it', () => {
  const { applied } = apply(formats[1]?.text ?? '', avro);
  const changed = { ...avro, 'unit.avsc': '{ "type": "fixed", "name": "units.Unit", "size": 3 }' };
  const later = apply(formats[1]?.text ?? '', changed).applied;
  expect(later.version).not.toBe(applied.version);
  const fingerprints = [applied, later].map((each) => planPipeline(each).stages.map(({ fingerprint }) => fingerprint));
  expect(fingerprints[0]).not.toEqual(fingerprints[1]);
});

describe('what is registered', () => {
  const place: AppliedSchema = {
    ...{ subject: 'places', id: 3, version: 2, format: 'AVRO', text: avro['place.avsc'] ?? '' },
    references: [{ name: 'units.Unit', subject: 'units', version: 5 }],
    imports: [{ name: 'units.Unit', text: avro['unit.avsc'] ?? '' }],
  };
  const facts: Partial<CheckFacts> = {
    readFile: reading(avro),
    registered: new Map([['places', place]]),
    version: (subject, version) => (subject === 'places' && version === 1 ? { ...place, version: 1 } : null),
  };
  const schemas = (entry: string): string => `schemas: { rooms.Place: ${entry}, rooms.Kind: { file: kind.avsc } }\n`;

  test.each([
    ['{ subject: places }', 2],
    ['{ subject: places, version: 1 }', 1],
  ])('%s is referred to as it is, with all that it refers to', (entry, version) => {
    const { complaints, schemas: derived } = checkText(document('reading.avsc', schemas(entry)), facts);
    expect(complaints).toEqual([]);
    expect(derived[0]?.references).toContainEqual({ name: 'rooms.Place', subject: 'places', version });
    expect(derived[0]?.imports?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['units.Unit', 'rooms.Place', 'rooms.Kind']),
    );
  });

  test.each([
    ['{ subject: placs }', facts, 'schemas["rooms.Place"]: placs is not registered'],
    ['{ subject: places, version: 3 }', facts, 'version 3 of places is not registered'],
    ['{ subject: places }', { readFile: reading(avro) }, 'places is not registered, as far as this check knows'],
    ['{ file: place.avsc, version: 1 }', facts, 'a file says itself what its version holds'],
  ])('%s', (entry, known, message) => {
    expect(wrongWith(document('reading.avsc', schemas(entry)), known)).toContain(message);
  });
});

function wrongWith(text: string, facts: Partial<CheckFacts>): string {
  return checkText(text, facts)
    .complaints.map((complaint) => formatComplaint('p.yaml', complaint))
    .join('\n');
}

describe('wrong ones', () => {
  const reading2 = 'proto/rooms/reading.proto#rooms.Reading';
  const without = (files: Files, ...names: string[]): Files =>
    Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name)));

  test.each<readonly [what: string, text: string, files: Files, message: string]>([
    [
      'an import that lies nowhere',
      document(reading2),
      without(proto, 'proto/units/unit.proto'),
      'proto/rooms/place.proto: Protobuf schema: import "units/unit.proto" is neither well known nor among the references: it lies beside',
    ],
    [
      'a file that is not there',
      document('reading.avsc', avroSchemas),
      without(avro, 'kind.avsc'),
      'schemas["rooms.Kind"].file: there is no file kind.avsc beside the document',
    ],
    [
      'a name that is misspelt',
      document('reading.avsc', avroSchemas.replace('rooms.Kind', 'rooms.Kinds')),
      avro,
      'there is no type Kind: it lies beside no file that names it; say in schemas, which has rooms.Kinds, what rooms.Kind stands for',
    ],
    [
      'a circle',
      document(reading2),
      { ...proto, 'proto/units/unit.proto': 'syntax = "proto3"; import "rooms/place.proto";' },
      'circle',
    ],
    [
      'another format',
      document('reading.avsc', avroSchemas.replace('unit.avsc', 'unit.json')),
      { ...avro, ...json },
      'units.Unit is JSON, and what refers to it is AVRO',
    ],
    [
      'two schemas under one subject',
      document('reading.avsc', avroSchemas.replace('kind.avsc', 'kind.avsc, subject: places')),
      avro,
      'places is the subject of another schema already',
    ],
    [
      'two files by one name',
      document(reading2),
      {
        ...proto,
        'proto/rooms/place.proto': 'syntax = "proto3"; package rooms; import "kind.proto"; message Place { }',
        'proto/rooms/reading.proto': proto['proto/rooms/reading.proto']?.replace('"rooms/place', '"sub/place') ?? '',
        'proto/sub/place.proto': 'syntax = "proto3"; package rooms; import "kind.proto"; message Place { }',
        'proto/sub/kind.proto': 'syntax = "proto3"; package sub; enum Kind { NONE = 0; }',
      },
      'kind.proto is ',
    ],
    [
      'a name that nobody uses',
      document('reading.avsc', `${avroSchemas}  rooms.Floor: { file: kind.avsc }\n`),
      avro,
      'schemas["rooms.Floor"]: no schema of this document refers to rooms.Floor',
    ],
  ])('%s', (...[, text, files, message]) => {
    expect(wrongWith(text, { readFile: reading(files) })).toContain(message);
  });

  test('a file that a schema names ends as one does', () => {
    const read: string[] = [];
    const files: Files = { 'a.json': '{ "$ref": "../../etc/passwd", "type": "object" }' };
    const readFile = (path: string): string | null => {
      read.push(path);
      return files[path] ?? null;
    };
    checkText(document('a.json'), { readFile });
    expect(read).toEqual(['a.json']);
  });
});
