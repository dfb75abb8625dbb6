import { expect, test } from '@jest/globals';
import { problemsIn } from './problem-codes.ts';

test('problems are found with their sentences, however they are broken into lines', () => {
  const text = `
/** No connection,
 * or no answer. */
export const unreachable = defineProblem({ code: 'mqtt.unreachable', status: 'UNAVAILABLE', remedy: 'retry' });
export const bare = defineProblem({
  code: 'mqtt.bare',
  status: 'NOT_FOUND',
  remedy: 'stop',
});
/** Not a problem. */
export const other = 1;
/** Too large. */
export const tooLarge = defineProblem({ code: 'mqtt.too-large', status: 'INVALID_ARGUMENT', remedy: 'reject' });
`;
  expect(problemsIn(text)).toEqual([
    { code: 'mqtt.unreachable', status: 'UNAVAILABLE', remedy: 'retry', sentence: 'No connection, or no answer.' },
    { code: 'mqtt.bare', status: 'NOT_FOUND', remedy: 'stop', sentence: '' },
    { code: 'mqtt.too-large', status: 'INVALID_ARGUMENT', remedy: 'reject', sentence: 'Too large.' },
  ]);
});
