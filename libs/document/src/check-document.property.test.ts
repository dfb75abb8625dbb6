import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkText, roomsText } from './testing/rooms.ts';

const lines = roomsText.split('\n');
const lineNumber = fc.integer({ min: 0, max: lines.length - 1 });
const edit = fc.oneof(
  fc.record({ kind: fc.constant('drop' as const), at: lineNumber }),
  fc.record({ kind: fc.constant('move' as const), at: lineNumber, to: lineNumber }),
  fc.record({ kind: fc.constant('indent' as const), at: lineNumber, by: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('write' as const), at: lineNumber, text: fc.string({ unit: 'binary', maxLength: 12 }) }),
  fc.record({
    kind: fc.constant('write' as const),
    at: lineNumber,
    text: fc.constantFrom(
      '- &a [*a]',
      '? {',
      '<<: *x',
      '"${env:',
      '!!js x',
      '__proto__: { a: 1 }',
      'constructor: 1',
      '%YAML 9',
      '...',
      '|',
    ),
  }),
);

function edited(edits: readonly (typeof edit extends fc.Arbitrary<infer Edit> ? Edit : never)[]): string {
  const text = [...lines];
  for (const one of edits) {
    const line = text[one.at] ?? '';
    if (one.kind === 'drop') text.splice(one.at, 1);
    else if (one.kind === 'move') text.splice(one.to, 0, ...text.splice(one.at, 1));
    else if (one.kind === 'indent') text[one.at] = `${' '.repeat(one.by)}${line}`;
    else text[one.at] = `${line.slice(0, line.length / 2)}${one.text}`;
  }
  return text.join('\n');
}

test('a document that was torn apart is answered, whatever it has become', () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const text = edited(edits);
      const { complaints, stages } = checkText(text);
      if (complaints.length > 0) refused += 1;
      else expect(stages.length).toBeGreaterThan(0);
      for (const { line, column, message } of complaints) {
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(text.split('\n').length + 1);
        expect(column).toBeGreaterThan(0);
        expect(message).not.toMatch(/undefined|\[object|Invalid input/);
      }
    }),
    { numRuns: 150 },
  );
  expect(refused).toBeGreaterThan(50);
});
