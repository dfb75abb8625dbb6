import { expect, test } from '@jest/globals';
import { checksOf, expectSame, tryAll, tryOut } from './check.ts';
import { tableOf } from './table.ts';

test('each step is tried, whatever became of those before', async () => {
  const checks = await tryAll('Python', [
    ['lists', async () => expectSame([1], [1, 2])],
    ['reads', async () => expectSame('a', 'a')],
  ]);
  expect(checks).toEqual([
    { client: 'Python', what: 'lists', outcome: 'failed', why: 'got [1], expected [1,2]' },
    { client: 'Python', what: 'reads', outcome: 'passed', why: '' },
  ]);
});

test('a client that cannot be fetched is no failure, one that does not run is', async () => {
  const fails = async (): Promise<never> => {
    throw new TypeError('no such\n  module');
  };
  const none = async (): Promise<readonly never[]> => [];
  expect(await tryOut('Go', fails, none)).toEqual([
    { client: 'Go', what: 'fetch it', outcome: 'not obtainable', why: 'no such module' },
  ]);
  expect(await tryOut('Go', async () => null, fails)).toMatchObject([{ what: 'run it', outcome: 'failed' }]);
});

test('the table stands by client and ends with how many', () => {
  const checks = checksOf('Go', [
    { what: 'reads', why: '' },
    { what: 'lists all', why: 'status 500' },
  ]);
  expect(tableOf(checks)).toEqual([
    '',
    'Go',
    '  reads      passed',
    '  lists all  failed: status 500',
    '',
    '1 passed, 1 failed, 0 not obtainable',
  ]);
});
