import { describe, expect, test } from '@jest/globals';
import { defineProblem, messageOf, Problem } from './problem.ts';

const away = defineProblem({ code: 'test.away', status: 'UNAVAILABLE', remedy: 'retry' });
const bad = defineProblem({ code: 'test.bad', status: 'INVALID_ARGUMENT', remedy: 'reject' });

describe('problems', () => {
  test('carry their kind, message, facts and cause', () => {
    const cause = new Error('ECONNREFUSED');
    const problem = away('kafka at 127.0.0.1:9: no answer', { facts: { port: 9 }, cause });
    expect(problem).toBeInstanceOf(Problem);
    expect(problem).toMatchObject({
      code: 'test.away',
      remedy: 'retry',
      facts: { port: 9 },
      cause,
      message: 'kafka at 127.0.0.1:9: no answer',
    });
  });

  test('are told apart by code, also from plain errors', () => {
    expect(away.caused(away('x'))).toBe(true);
    expect(away.caused(bad('x'))).toBe(false);
    expect(away.caused(new Error('x'))).toBe(false);
  });

  test('anything thrown has a message', () => {
    expect(messageOf(new Error('no'))).toBe('no');
    expect(messageOf(7)).toBe('7');
  });
});
