import { describe, expect, test } from '@jest/globals';
import { isMap, isSeq, parseDocument } from 'yaml';
import { type Complaint, formatComplaint } from './complaint.ts';
import { formatPath } from './reading/issues.ts';
import type { DocumentPath } from './reading/places.ts';
import { checkText, roomsWith } from './testing/rooms.ts';

/** The sample, with a word that it can do without. */
const sample = roomsWith(['kafka: { topic: rooms.raw }', 'kafka: { topic: rooms.raw, schemaId: header }']);

/** Every key of the sample, by its path. */
function keysOf(node: unknown, path: DocumentPath = []): DocumentPath[] {
  if (isMap(node)) {
    return node.items.flatMap(({ key, value }) => {
      const inner = [...path, String(key)];
      return [inner, ...keysOf(value, inner)];
    });
  }
  return isSeq(node) ? node.items.flatMap((item, index) => keysOf(item, [...path, index])) : [];
}

const paths = keysOf(parseDocument(sample).contents);
const cases = paths.map((path) => [path.join('.'), path] as const);

function changed(change: (yaml: ReturnType<typeof parseDocument>) => void): { text: string; complaints: readonly Complaint[] } {
  const yaml = parseDocument(sample);
  change(yaml);
  const text = yaml.toString();
  return { text, complaints: checkText(text).complaints };
}

/** Each complaint must say where, and in a sentence what was expected or what is there instead. */
function expectGood({ text, complaints }: ReturnType<typeof changed>): void {
  const lines = text.split('\n').length;
  for (const complaint of complaints) {
    expect(complaint.line).toBeGreaterThan(0);
    expect(complaint.line).toBeLessThanOrEqual(lines);
    expect(complaint.column).toBeGreaterThan(0);
    expect(complaint.code).toMatch(/^document\.[a-z-]+$/);
    expect(complaint.message).not.toMatch(/undefined|\[object|Invalid input|NaN/);
    expect(complaint.message.length).toBeGreaterThan(10);
    expect(formatComplaint('rooms.yaml', complaint)).toMatch(/^rooms\.yaml:\d+:\d+( › \S.*?)?: .+/);
  }
}

/** What a document may leave out: it has a default, or is there or not. */
const optional = new RegExp(
  [
    'aheadMsMax|labels\\.record\\.identity|^topics|^topics\\.rooms\\.\\w+|retentionMs|errors|errors\\.rejected',
    'qos|mqtt\\.set|mqtt\\.set\\.\\w+|stages\\.archive|archive\\.via|stages\\.store|ranges\\.\\w+|thresholdMad|action',
    'latenessMs|idleMs|schemaId|alias|retrain|notWorseThanChampion',
  ]
    .map((names) => `(${names})$`)
    .join('|'),
);

describe('a key that is deleted', () => {
  test.each(cases)('%s', (name, path) => {
    const result = changed((yaml) => yaml.deleteIn(path));
    expectGood(result);
    if (optional.test(name)) return expect(result.complaints).toEqual([]);
    expect(result.complaints).not.toEqual([]);
  });
});

/** Names that the author chooses: what refers to them notices. */
const isOwnName = (path: DocumentPath): boolean => path.length === 2 && path[0] === 'stages';

describe('a key that is misspelt', () => {
  test.each(cases)('%s', (_, path) => {
    const key = String(path.at(-1));
    const wrong = key.length > 3 ? `${key.slice(0, 2)}${key.slice(3)}` : `${key}x`;
    const result = changed((yaml) => {
      const parent = yaml.getIn(path.slice(0, -1), true);
      const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === key) : undefined;
      if (pair !== undefined) pair.key = yaml.createNode(wrong);
    });
    expectGood(result);
    if (isOwnName(path)) return expect(result.complaints).toEqual([]);
    const [first] = result.complaints;
    if (path.at(-2) === 'compute') expect(first).toMatchObject({ suggestion: wrong });
    else expect(first).toMatchObject({ path: formatPath([...path.slice(0, -1), wrong]), suggestion: key });
    expect(result.complaints).toHaveLength(1);
  });
});

const wrongs: readonly unknown[] = [null, true, -7.5, 'wrong', [], {}, { wrong: 1 }];

/** Wrong values that are right where they get to: a name is a name. */
const fitting: readonly (readonly [path: RegExp, value: string])[] = [
  [/(^pipeline|table|alias)$/, '"wrong"'],
  [/(^topics|^topics\.rooms\.\w+|errors|mqtt\.set)$/, '{}'],
  [/archive\.via$/, '[]'],
  [/(calibrated|notWorseThanChampion)$/, 'true'],
];

describe('a value of a wrong type', () => {
  test.each(cases)('%s', (name, path) => {
    for (const wrong of wrongs) {
      const result = changed((yaml) => yaml.setIn(path, yaml.createNode(wrong)));
      expectGood(result);
      const fits = fitting.some(([where, value]) => where.test(name) && value === JSON.stringify(wrong));
      if (fits) expect(result.complaints).toEqual([]);
      else expect(result.complaints).not.toEqual([]);
    }
  });
});
