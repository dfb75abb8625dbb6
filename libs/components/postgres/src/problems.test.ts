import { describe, expect, test } from '@jest/globals';
import type { Remedy } from '@penstock/kernel';
import pg from 'pg';
import { addressOf, postgresConfig } from './config.ts';
import { leavesUnknown, problemOf } from './problems.ts';

const config = postgresConfig.parse({ url: 'postgres://me:secret@db:5433/rooms', table: 'readings', mode: 'append' });

function answered(sqlState: string): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError('the server said no', 0, 'error'), { code: sqlState });
}

describe('problems', () => {
  test('the address is shown without credentials', () => {
    expect(addressOf(config)).toBe('db:5433/rooms');
    const wrong = postgresConfig.safeParse({ ...config, url: 'https://me:secret@db' });
    expect(wrong.error?.message).toContain('expected postgres://');
    expect(wrong.error?.message).not.toContain('secret');
  });

  test.each<[string, string, Remedy]>([
    ['08006', 'postgres.unreachable', 'retry'], // the connection broke
    ['57P01', 'postgres.unreachable', 'retry'], // an administrator ended it
    ['57P03', 'postgres.unreachable', 'retry'], // it is starting
    ['25006', 'postgres.unreachable', 'retry'], // a standby
    ['53100', 'postgres.exhausted', 'retry'], // the disk is full
    ['53300', 'postgres.exhausted', 'retry'], // too many connections
    ['28P01', 'postgres.unauthorised', 'retry'],
    ['42501', 'postgres.unauthorised', 'retry'],
    ['57014', 'postgres.timed-out', 'retry'],
    ['40P01', 'postgres.busy', 'retry'], // a deadlock
    ['42P01', 'postgres.table-changed', 'retry'],
    ['58030', 'postgres.unexpected', 'retry'], // input or output failed
    ['22003', 'postgres.refused-row', 'reject'], // out of range
    ['23514', 'postgres.refused-row', 'reject'], // a check
    ['P0001', 'postgres.refused-row', 'reject'], // a trigger
  ])('%s is %s: %s', (sqlState, code, remedy) => {
    const problem = problemOf(answered(sqlState), 'rows');
    expect(problem).toMatchObject({ code, remedy, message: 'rows: the server said no', facts: { sqlState } });
  });

  test('what a commit leaves unknown', () => {
    expect(leavesUnknown(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(leavesUnknown(answered('57P01'))).toBe(true);
    expect(leavesUnknown(answered('23505'))).toBe(false);
  });

  test('a defect stays a defect', () => {
    const defect = new TypeError('not a function');
    expect(problemOf(defect, 'rows')).toBe(defect);
    expect(problemOf(new Error('read ECONNRESET'), 'rows')).toMatchObject({ code: 'postgres.unreachable', remedy: 'retry' });
  });
});
