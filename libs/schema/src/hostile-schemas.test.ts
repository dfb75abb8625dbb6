import { expect, test } from '@jest/globals';
import { checkCompatibility, checkReads } from './compatibility/check.ts';
import { normalTextOf, parseSchema, type Schema, storedTextOf } from './schema.ts';
import type { SchemaFormat } from './schema-source.ts';

const parse = (format: SchemaFormat, text: string): Schema => parseSchema({ format, text });
const list = (count: number, each: (index: number) => string, separator = ','): string =>
  Array.from({ length: count }, (_, index) => each(index)).join(separator);
const record = (name: string, fields: string): string => `{"type":"record","name":"${name}","fields":[${fields}]}`;
const refusal = (message: string): object =>
  expect.objectContaining({ code: 'schema.invalid-schema', message: expect.stringContaining(message) });

/** Each holds two of the one before, and is filled in. */
function doubled(levels: number): string {
  let inner = record('R0', '{"name":"a","type":"int","default":1}');
  for (let level = 1; level < levels; level += 1)
    inner = record(`R${level}`, `{"name":"a","type":${inner},"default":{}},{"name":"b","type":"R${level - 1}","default":{}}`);
  return inner;
}

test.each<[why: string, format: SchemaFormat, text: string, says: string]>([
  ['a default within itself', 'AVRO', record('R', '{"name":"r","type":"R","default":{}}'), 'within itself'],
  ['defaults that double', 'AVRO', doubled(30), 'defaults of more than 1000000 values'],
  ['a name that is said again and again', 'AVRO', record(`${'a'.repeat(2_000)}.R`, ''), 'a full name longer than 1024'],
  ['the same in Protobuf', 'PROTOBUF', `package ${'a'.repeat(2_000)}; message R {}`, 'a full name longer than 1024'],
  ['quotes that nobody closes', 'PROTOBUF', '"\\'.repeat(400_000), 'line 1, column 1: a string that nobody closes'],
  ['comments that nobody closes', 'PROTOBUF', `message A {}${'/*a'.repeat(300_000)}`, 'column 13: a comment that nobody closes'],
  ['blanks before a text', 'PROTOBUF', `a${' '.repeat(1_000_000)}{`, 'expected message, enum'],
  [
    'a reserved number among many',
    'PROTOBUF',
    `syntax="proto3"; message A { reserved ${list(30_000, (index) => `${index * 2 + 100_000}`)}; ${list(20_000, (index) => `int32 f${index}=${index + (index < 18_999 ? 1 : 1_001)};`, '')} bool last = 100002; }`,
    'last = 100002 is reserved',
  ],
])('%s is refused at once', (...[, format, text, says]) => {
  expect(() => parse(format, text)).toThrow(refusal(says));
});

test('a record may have a field that is called like what every object has', () => {
  const inner = record('Inner', '{"name":"constructor","type":"int","default":1}');
  expect(parse('AVRO', record('R', `{"name":"in","type":${inner},"default":{}}`)).format).toBe('AVRO');
});

test('a message may be called like what every object has', () => {
  const text =
    'syntax="proto3"; message constructor {} message R { constructor toString = 1; map<string, constructor> valueOf = 2; }';
  expect(parse('PROTOBUF', text).canonical).toContain('.constructor toString = 1;');
});

const fixed = (name: string, size: number): string => `{"type":"fixed","name":"${name}","size":${size}}`;
const optional = (count: number): string =>
  `syntax="proto3"; message A { ${list(count, (index) => `optional int32 f${index}=${index + 1};`, '')} }`;
const chain = `syntax="proto3"; ${list(10_000, (index) => `message M${index} { M${(index + 1) % 10_000} m = 1; }`, '')}`;
const symbols = `{"type":"enum","name":"E","symbols":[${list(50_000, (index) => `"S${index}"`)}]}`;

test.each<[what: string, format: SchemaFormat, text: string]>([
  ['a union of 10,000 branches', 'AVRO', `[${list(10_000, (index) => fixed(`F${index}`, index))}]`],
  ['an enum of 50,000 symbols', 'AVRO', symbols],
  ['10,000 messages that hold one another', 'PROTOBUF', chain],
  ['10,000 oneofs', 'PROTOBUF', optional(10_000)],
])('%s are compared in time', (_, format, text) => {
  expect(checkReads(parse(format, text), parse(format, `${text} `))).toEqual([]);
});

test('a union that is told to lack 2,000 branches names some of its own', () => {
  const branches = (letter: string): Schema => parse('AVRO', `[${list(2_000, (index) => fixed(`${letter}${index}`, 1))}]`);
  const found = checkReads(branches('A'), branches('B'));
  expect(found).toHaveLength(2_000);
  expect(found[0]).toMatchObject({ type: 'MISSING_UNION_BRANCH', writer: 'fixed B0' });
  expect(found[0]?.reader).toMatch(/^fixed A0 .* 1950 others$/);
});

test.each([
  ['branches that are all called the same', `[${list(2_000, (index) => fixed(`n${index}.X`, index))}]`],
  [
    'records that lead to one another',
    record(
      'R',
      list(
        3_000,
        (index) =>
          `{"name":"f${index}","type":${record(`Q${index}`, `{"name":"x","type":${index === 0 ? '"int"' : `"Q${index - 1}"`}}`)}}`,
      ),
    ),
  ],
])('%s are compared or said to be too many', (_, text) => {
  const [reader, writer] = [parse('AVRO', text), parse('AVRO', text.replace('"size":7}', '"size":9000}'))];
  try {
    expect(checkReads(reader, writer)).toBeDefined();
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'schema.not-supported' });
  }
});

const properties = (count: number, each: (index: number) => string): string =>
  `{"type":"object","properties":{${list(count, (index) => `"f${index}":${each(index)}`)}}}`;

test.each<[what: string, text: string]>([
  ['patterns', properties(8_000, (index) => `{"pattern":"a${index}"}`)],
  ['patterns of names', `{"patternProperties":{${list(5_000, (index) => `"^f${index}":{}`)}}}`],
  ['conditions', `{"allOf":[${list(2_000, (index) => `{"if":{"minimum":${index}},"then":{"maximum":${index}}}`)}]}`],
  ['items of a kind', `{"allOf":[${list(2_000, (index) => `{"contains":{"minimum":${index}}}`)}]}`],
  [
    'branches that are looked back at',
    `{"$schema":"https://json-schema.org/draft/2020-12/schema","unevaluatedProperties":false,"allOf":[${list(3_000, (index) => `{"properties":{"f${index}":true}}`)}]}`,
  ],
  [
    'references',
    `{"$ref":"#/definitions/d0","definitions":{${list(8_000, (index) => `"d${index}":{"items":{"$ref":"#/definitions/d${index}"}}`)}}}`,
  ],
])('JSON Schema: thousands of %s are refused before they are compiled', (_, text) => {
  expect(() => parse('JSON', text)).toThrow(refusal('are too many'));
});

test('JSON Schema: 40,000 properties are taken without being compiled', () => {
  expect(
    parse(
      'JSON',
      properties(40_000, () => '{"minimum":1}'),
    ).shape.fields,
  ).toEqual([]);
});

test('JSON Schema: what refers on and on is told so', () => {
  const text = '{"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}}}';
  expect(() => parse('JSON', text)).toThrow(refusal('it refers on and on'));
});

test('JSON Schema: a text that many properties refer to is read once', () => {
  const imported = `{"definitions":{"a":{"type":"string"}},"description":"${'x'.repeat(500_000)}"}`;
  const text = properties(3_000, () => '{"$ref":"other.json#/definitions/a"}');
  const schema = parseSchema({ format: 'JSON', text, imports: new Map([['other.json', imported]]) });
  expect(schema.shape.fields).toHaveLength(3_000);
});

test('versions are compared until enough speaks against a schema', () => {
  const wide = (letter: string): Schema =>
    parse(
      'AVRO',
      record(
        'R',
        list(3_000, (index) => `{"name":"${letter}${index}","type":"int"}`),
      ),
    );
  const earlier = Array.from({ length: 12 }, (_, index) => ({ version: index + 1, schema: wide('a') }));
  const found = checkCompatibility('FULL_TRANSITIVE', wide('b'), earlier);
  expect([...new Set(found.map(({ version }) => version))]).toEqual([12, 11]);
  expect(found).toHaveLength(12_000);
});

test.each([
  ['1e999', 'Infinity'],
  ['-1e999', '-Infinity'],
  ['9'.repeat(400), 'Infinity'],
])('Avro: %.8s is too large for a default, and read over elsewhere', (written, word) => {
  const text = (field: string): string => record('R', `{"name":"x","type":"double",${field}}`);
  expect(() => parse('AVRO', text(`"default":${written}`))).toThrow(refusal(`the default ${word} is no value of its type`));
  const schema = parse('AVRO', text(`"own":${written}`));
  for (const printed of [storedTextOf(schema), normalTextOf({ format: 'AVRO', text: schema.text })])
    expect(parse('AVRO', printed).format).toBe('AVRO');
});

test('Protobuf: files that import the two before them are read once each', () => {
  const text = (index: number): string => {
    const before = [index - 1, index - 2].filter((each) => each >= 0);
    const imported = before.map((each) => `import public "f${each}.proto";`);
    return `syntax="proto3"; ${imported.join(' ')} message P${index} { ${index > 0 ? 'P0 first = 1;' : ''} }`;
  };
  const imports = new Map(Array.from({ length: 44 }, (_, index) => [`f${index}.proto`, text(index)]));
  const schema = parseSchema({ format: 'PROTOBUF', text: text(44), imports });
  expect(checkReads(schema, parseSchema({ format: 'PROTOBUF', text: `${text(44)} `, imports }))).toEqual([]);
});
