import { describe, expect, test } from '@jest/globals';
import { type Field, Problem, Rows } from '@penstock/kernel';
import { compileAggregate } from './aggregate.ts';
import { compile } from './compile.ts';
import type { Scope } from './scope.ts';

const fields = [
  { name: 'building', type: 'string', nullable: false },
  { name: 'deviceId', type: 'string', nullable: false },
  { name: 'sequence', type: 'integer', nullable: false },
  { name: 'co2Ppm', type: 'number', nullable: true },
  { name: 'occupied', type: 'boolean', nullable: true },
  { name: 'at', type: 'time', nullable: false },
  { name: 'topic', type: 'string', nullable: false },
] as const satisfies readonly Field[];

const scope: Scope = {
  columns: fields.slice(0, 6).map((field, slot) => ({ field, slot })),
  lists: [{ name: 'topic', slot: 6 }],
};

/** Two rows: one with everything, one with nothing that may be missing. */
function createRows(): Rows {
  const rows = new Rows(fields);
  rows.reset(2);
  rows.values(0).splice(0, 2, 'a', 'b');
  rows.values(1).splice(0, 2, 'co2-1', 'co2-2');
  rows.numbers(2).set([7, 8]);
  rows.numbers(3).set([612.5, Number.NaN]);
  rows.values(4).splice(0, 2, true, null);
  rows.numbers(5).set([Date.UTC(2015, 1, 16, 8, 30), 0]);
  rows.values(6).splice(0, 2, ['building', 'a', 'room', '7'], []);
  return rows;
}

const rows = createRows();
const valuesOf = (text: string): unknown[] => [0, 1].map((row) => compile(text, scope).evaluate(rows, row));

function refusalOf(text: string): { message: string; offset: unknown; suggestion: unknown } {
  try {
    compile(text, scope);
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    return { message: thrown.message, offset: thrown.facts['offset'], suggestion: thrown.facts['suggestion'] };
  }
  throw new Error(`${text} was compiled`);
}

describe('values', () => {
  test.each([
    ['deviceId + "/" + string(sequence)', ['co2-1/7', 'co2-2/8']],
    ['topic[1]', ['a', undefined]],
    ['co2Ppm * 2.0', [1225, undefined]],
    ['co2Ppm > 600', [true, undefined]],
    ['co2Ppm == null', [false, true]],
    ['co2Ppm == null || co2Ppm > 600.0', [true, true]],
    ['occupied != null && occupied', [true, false]],
    ['sequence % 2 == 0 ? "even" : "odd"', ['odd', 'even']],
    ['co2Ppm != null ? co2Ppm : 400.0', [612.5, 400]],
    ['building in ["a", "c"]', [true, false]],
    ['"room" in topic', [true, false]],
    ['size(topic)', [4, 0]],
    ['deviceId.startsWith("co2") && deviceId.endsWith("-1")', [true, false]],
    ['deviceId.matches("^co2-[0-9]+$")', [true, true]],
    ['at.getHours() * 60 + at.getMinutes()', [510, 0]],
    ['at.getDayOfWeek()', [1, 4]],
    ['string(at)', ['2015-02-16T08:30:00Z', '1970-01-01T00:00:00Z']],
    ['at > timestamp("2015-01-01T00:00:00Z")', [true, false]],
    ['int("12") / 0', [undefined, undefined]],
    ['9007199254740991 + sequence', [undefined, undefined]],
    ['int(co2Ppm)', [612, undefined]],
  ])('%s', (text, expected) => {
    expect(valuesOf(text)).toEqual(expected);
  });

  test('numbers come bare as well, with NaN for what is not there', () => {
    const { number } = compile('(co2Ppm - 400.0) / 100.0', scope);
    expect([number?.(rows, 0), number?.(rows, 1)]).toEqual([2.125, Number.NaN]);
    const { number: ofInt } = compile('int(co2Ppm) + 1', scope);
    expect([ofInt?.(rows, 0), ofInt?.(rows, 1)]).toEqual([613, Number.NaN]);
    expect(compile('building', scope).number).toBeNull();
  });
});

describe('types', () => {
  test.each([
    ['deviceId + "/" + string(sequence)', 'string', false],
    ['topic[1]', 'string', true],
    ['co2Ppm', 'double', true],
    ['co2Ppm == null', 'bool', false],
    ['co2Ppm > 1.0', 'bool', true],
    ['sequence + 1', 'int', true],
    ['at', 'timestamp', false],
  ])('%s is %s', (text, type, nullable) => {
    expect(compile(text, scope)).toMatchObject({ type, nullable });
  });

  test('an expression says what it reads', () => {
    expect([...compile('building + "/" + topic[3]', scope).names]).toEqual(['building', 'topic']);
  });
});

describe('what is refused', () => {
  test.each([
    ['deviceID', 'there is no field deviceID', 0, 'deviceId'],
    [
      'co2Ppm + sequence',
      '+ takes two of one type: co2Ppm is a double, sequence is an int; write double(sequence)',
      7,
      'double(sequence)',
    ],
    ['co2Ppm * 2', '+', 7, '2.0'],
    ['building + sequence', '+ takes two of one type', 9, 'string(sequence)'],
    ['strin(sequence)', 'there is no function strin', 0, 'string'],
    ['building.startWith("a")', 'there is no function startWith', 8, 'startsWith'],
    ['building > 3', '> cannot order these: building is a string, 3 is an int', 9, undefined],
    ['building == 3', '== would always be false', 9, undefined],
    ['co2Ppm ? 1 : 2', '? takes a bool, co2Ppm is a double', 0, undefined],
    ['duration("1s")', 'duration is CEL, but is not compiled', 0, undefined],
    ['topic.exists(x, x == "a")', 'exists is CEL, but is not compiled', 5, undefined],
    ['reading.co2Ppm', 'a record has no field reading', 7, 'co2Ppm'],
    ['has(topic.x)', 'has asks for a part of a message; write: x != null', 0, undefined],
    ['7u', 'uint is not compiled; write 7', 0, '7'],
    ['[1, 2]', 'a list stands only to the right of in', 0, undefined],
    ['{"a": 1}', 'a map or message is CEL, but is not compiled', 0, undefined],
    ['size(sequence)', 'size takes a string, or bytes, or a list of strings, got sequence, which is an int', 0, undefined],
    ['building.matches(deviceId)', 'matches takes a pattern in quotes', 17, undefined],
    ['building.matches("(")', 'the pattern is not RE2', 17, undefined],
    ['building +', 'is not CEL from column 10 on: "+" cannot stand here', 9, undefined],
    ['(building', 'expected a closing ) for the ( at column 1', 0, undefined],
    ['', 'expected a CEL expression, got nothing', 0, undefined],
    ['9007199254740993', 'is beyond 2^53 - 1', 0, undefined],
  ])('%s', (...[text, message, offset, suggestion]) => {
    const refusal = refusalOf(text);
    expect(refusal).toMatchObject({ offset, suggestion });
    if (message !== '+') expect(refusal.message).toContain(message);
  });

  test('texts that are too long or too deep', () => {
    expect(refusalOf(`"${'x'.repeat(5_000)}"`).message).toContain('expected at most 4096 characters');
    expect(refusalOf('('.repeat(2_000) + '1' + ')'.repeat(2_000)).message).not.toBe('');
  });
});

describe('aggregates', () => {
  const kinds = ['mean', 'last'] as const;

  test('are macros over an expression', () => {
    const { kind, operand } = compileAggregate('mean(co2Ppm / 2.0)', kinds, scope);
    expect([kind, operand.number?.(rows, 0), [...operand.names]]).toEqual(['mean', 306.25, ['co2Ppm']]);
  });

  test.each([
    ['maen(co2Ppm)', 'there is no aggregate maen; aggregates: mean, last'],
    ['co2Ppm', 'expected one aggregate such as mean(…)'],
    ['mean(co2Ppm) + 1.0', 'expected one aggregate such as mean(…); compute with it in a later step'],
    ['mean()', 'mean takes one expression, got 0'],
    ['mean(co2pm)', 'there is no field co2pm'],
  ])('%s is refused', (text, message) => {
    expect(() => compileAggregate(text, kinds, scope)).toThrow(message);
  });
});
