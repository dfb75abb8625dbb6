import { expect, test } from '@jest/globals';
import { Rows } from '@penstock/kernel';
import { createDecoder } from '../codec.ts';
import { parseSchema } from '../schema.ts';

const ruled = { metadata: null, ruleSet: { domainRules: [{ name: 'r', kind: 'CONDITION', type: 'CEL', expr: 'true' }] } };
const contracts = [
  ['without rules', {}],
  ['with rules', { contract: ruled }],
] as const;
const nulls =
  '{"type":"record","name":"R","fields":[{"name":"x","type":{"type":"array","items":"null"}},{"name":"a","type":"int"}]}';

/** Zigzag, seven bits a byte. */
function long(value: number): number[] {
  const bytes: number[] = [];
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

/** Each holds two of the one before: as many values as there are, and no byte. */
function nothingDoubled(levels: number): string {
  let inner = '{"type":"record","name":"R0","fields":[{"name":"a","type":"null"}]}';
  for (let level = 1; level < levels; level += 1)
    inner = `{"type":"record","name":"R${level}","fields":[{"name":"a","type":${inner}},{"name":"b","type":"R${level - 1}"}]}`;
  return `{"type":"record","name":"Z","fields":[{"name":"z","type":${inner}},{"name":"a","type":"int"}]}`;
}

const blocks = Array.from({ length: 200_000 }, () => long(200_000)).flat();

const cases = [
  ['blocks of nothing, again and again', nulls, blocks],
  ['a count of nothing that is huge', nulls, [...long(50_000_000), 0, 2]],
  ['the same with a size', nulls, [...long(-50_000_000), 0, 0, 2]],
  ['nothing that doubles', nothingDoubled(30), [2]],
] as const;

const all = cases.flatMap(([what, text, bytes]) =>
  contracts.map(([rules, contract]) => ({ what: `${what}, ${rules},`, text, bytes, contract })),
);

test.each(all)('$what is refused at once', ({ text, bytes, contract }) => {
  const schema = parseSchema({ format: 'AVRO', text, ...contract });
  const rows = new Rows(schema.shape.fields);
  rows.reset(1);
  const decoder = createDecoder(
    schema,
    schema.shape.fields.map((field, slot) => ({ field, slot })),
  );
  expect(() => decoder.decode(Uint8Array.from(bytes), rows, 0)).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^schema\.(invalid-payload|broken-rule)$/) }),
  );
});
