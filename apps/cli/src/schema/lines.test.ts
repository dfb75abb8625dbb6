import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { diffLines, diffSchemas, parseSchema } from '@penstock/schema';
import { wrapped } from '../command-line/wrapped.ts';
import { differenceLines, textLines } from './difference-lines.ts';
import { parseReference, readDraft } from './draft-file.ts';
import { comparableText, readableText } from './readable-text.ts';
import { breakLines, reasonLines } from './reason-lines.ts';

const plain = (lines: readonly string[]): string => lines.map(stripVTControlCharacters).join('\n');

const avro = (fields: string) => parseSchema({ format: 'AVRO', text: `{"type":"record","name":"Reading","fields":[${fields}]}` });

test('what became of each field, one aspect a line', () => {
  const before = avro('{"name":"id","type":"string"},{"name":"co2","type":"double"},{"name":"lux","type":"int"}');
  const after = avro(
    '{"name":"co2","type":["null","double"],"default":null},{"name":"id","type":"string"},{"name":"at","type":"long","doc":"when"}',
  );
  expect(plain(differenceLines(diffSchemas(before, after), 80))).toBe(
    [
      '  ~ co2  type     double → null | double',
      '         default  none → null',
      '         place    2 → 1',
      '  - lux           int',
      '  + at            long, "when"',
    ].join('\n'),
  );
});

test('a long aspect ends where the terminal does', () => {
  const long = { name: 'doc', before: null, after: 'word '.repeat(30) };
  const [line = ''] = differenceLines([{ kind: 'changed', path: 'co2', aspects: [long] }], 60);
  expect(stripVTControlCharacters(line)).toMatch(/^ {2}~ co2 {2}doc {2}none → word .*…$/);
  expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(60);
});

test('the lines of two texts as a patch, with what is near a change', () => {
  const text = (middle: string): string => ['a', 'b', 'c', 'd', middle, 'e', 'f', 'g', 'h', 'i'].join('\n');
  expect(plain(textLines(diffLines(text('old'), text('new')), 2))).toBe(
    ['  c', '  d', '- old', '+ new', '  e', '  f', '  …'].join('\n'),
  );
});

test('reasons stand under the version and the direction that they are of', () => {
  const reason = { version: 3, direction: 'BACKWARD', type: 'TYPE_MISMATCH', path: '/fields/0/type' } as const;
  expect(
    plain(
      reasonLines(
        [
          { ...reason, message: 'a long cannot be read as a int', old: 'long', new: 'int' },
          { ...reason, direction: 'FORWARD', message: 'gone', old: '', new: '' },
        ],
        80,
      ),
    ),
  ).toBe(
    [
      '✗ the new schema cannot read what version 3 wrote',
      '    /fields/0/type  TYPE_MISMATCH',
      '      a long cannot be read as a int',
      '      old  long',
      '      new  int',
      '✗ version 3 cannot read what the new schema writes',
      '    /fields/0/type  TYPE_MISMATCH',
      '      gone',
    ].join('\n'),
  );
});

test('what would break stands by stage and field', () => {
  const found = {
    pipeline: 'rooms',
    stage: 'serve',
    field: 'co2',
    path: 'stages.serve.via[0]',
    message: 'there is no field co2',
  };
  expect(plain(breakLines([found, { ...found, stage: '', field: '' }], 80))).toBe(
    [
      '✗ a deployed pipeline would break',
      '    rooms › serve › co2  stages.serve.via[0]',
      '      there is no field co2',
      '    rooms  stages.serve.via[0]',
      '      there is no field co2',
    ].join('\n'),
  );
});

test('JSON is indented with its numbers and strings as they were written', () => {
  expect(readableText('JSON', '{"a":[1.0,"x{,:"],"b":{},"c":[]}')).toBe(
    ['{', '  "a": [', '    1.0,', '    "x{,:"', '  ],', '  "b": {},', '  "c": []', '}'].join('\n'),
  );
  expect(readableText('JSON', '{\n"a": 1}\n')).toBe('{\n"a": 1}');
  expect(comparableText('AVRO', '{\n"a": 1}\n')).toBe('{\n  "a": 1\n}');
  expect(readableText('PROTOBUF', 'message A {}\n')).toBe('message A {}');
});

test('sentences are wrapped at words', () => {
  expect(wrapped('one two three four five six seven', { indent: 2, columns: 24 })).toEqual([
    '  one two three four',
    '  five six seven',
  ]);
});

describe('a file', () => {
  test('whose name or option does not say the format is wrong usage', () => {
    const read = (file: string, format?: string) => () => readDraft(file, { format, reference: [] });
    expect(read('x.txt')).toThrow('the name of x.txt does not say its format: --format avro, protobuf or json does');
    expect(read('x.txt', 'xml')).toThrow('--format: expected avro, protobuf or json, got "xml"');
    expect(read('gone.avsc')).toThrow(/^gone.avsc cannot be read: .*ENOENT/);
  });

  test('names others by name, subject and version; a subject may have colons', () => {
    expect(parseReference('a.Place=:.lab:places-value:2')).toEqual({
      name: 'a.Place',
      subject: ':.lab:places-value',
      version: 2,
    });
    expect(() => parseReference('a=b')).toThrow('--reference: expected name=subject:version');
  });
});
