import { getConformanceSuite } from '@bufbuild/cel-spec/testdata/tests.js';
import { expect, test } from '@jest/globals';
import { type Field, type FieldType, Rows } from '@penstock/kernel';
import { compile } from './compile.ts';
import type { Value } from './node.ts';
import { refusedExpression } from './problems.ts';

type Suite = ReturnType<typeof getConformanceSuite>;
type Case = Suite['tests'][number]['original'];
type Bindings = Case['bindings'];

/** Cases with an answer that can be an answer of ours, by the names of their suites. */
function* cases(suite: Suite, path: readonly string[] = []): Generator<readonly [name: string, original: Case]> {
  for (const { name, original } of suite.tests) yield [[...path, name].join('/'), original];
  for (const inner of suite.suites) yield* cases(inner, [...path, inner.name]);
}

const columnTypes: Readonly<Record<string, FieldType>> = {
  int64Value: 'integer',
  doubleValue: 'number',
  stringValue: 'string',
  boolValue: 'boolean',
  bytesValue: 'bytes',
};

interface Column {
  readonly field: Field;
  readonly value: unknown;
}

/** The case's variables as columns; null where one of them is of a type that no column has. */
function columnsOf(bindings: Bindings): Column[] | null {
  const columns: Column[] = [];
  for (const [name, bound] of Object.entries(bindings)) {
    const kind = bound.kind.case === 'value' ? bound.kind.value.kind : undefined;
    const type = columnTypes[kind?.case ?? ''];
    if (type === undefined) return null;
    columns.push({ field: { name, type, nullable: false }, value: kind?.value });
  }
  return columns;
}

function rowsOf(columns: readonly Column[]): Rows {
  const rows = new Rows(columns.map(({ field }) => field));
  rows.reset(1);
  columns.forEach(({ field, value }, slot) => {
    if (field.type === 'integer' || field.type === 'number') rows.numbers(slot)[0] = Number(value);
    else rows.values(slot)[0] = value;
  });
  return rows;
}

interface Verdict {
  readonly name: string;
  readonly text: string;
  readonly answer: Value;
  readonly expected: unknown;
}

/** A case without a matcher expects true. Null: the answer is of a type that is not compiled. */
function expectedOf(matcher: Case['resultMatcher']): { readonly value: unknown } | null {
  if (matcher.case === undefined) return { value: true };
  if (matcher.case === 'evalError') return { value: undefined };
  const kind = matcher.case === 'value' ? matcher.value.kind : undefined;
  if (kind?.case === 'nullValue') return { value: null };
  if (kind === undefined || columnTypes[kind.case ?? ''] === undefined) return null;
  return { value: typeof kind.value === 'bigint' ? Number(kind.value) : kind.value };
}

/** Timestamps are exact to the millisecond. */
const knownDifferences: ReadonlySet<string> = new Set(['timestamps/timestamp_conversions/toString_timestamp_nanos']);

/** Null: the case is not covered, since it asks for what this build refuses by name. */
function judge(name: string, { expr: text, bindings, container, resultMatcher }: Case): Verdict | null {
  const columns = columnsOf(bindings);
  const expected = expectedOf(resultMatcher);
  if (columns === null || container !== '' || expected === null) return null;
  try {
    const expression = compile(text, { columns: columns.map(({ field }, slot) => ({ field, slot })) });
    return { name, text, answer: expression.evaluate(rowsOf(columns), 0), expected: expected.value };
  } catch (thrown) {
    if (refusedExpression.caused(thrown)) return null;
    throw thrown;
  }
}

test('every case of the specification that is compiled has the answer that the specification gives', () => {
  const verdicts = [...cases(getConformanceSuite())].flatMap(([name, original]) => judge(name, original) ?? []);
  for (const { name, text, answer, expected } of verdicts) {
    if (!knownDifferences.has(name)) expect({ name, text, answer }).toEqual({ name, text, answer: expected });
  }
  expect(verdicts.length).toBe(491);
});
