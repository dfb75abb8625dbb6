import { describe, expect, test } from '@jest/globals';
import { type Action, Grants } from './grants.ts';

const actions: readonly Action[] = ['read', 'decrypt', 'register', 'delete', 'operate', 'configure', 'purge', 'override'];

describe('a role', () => {
  test.each([
    ['viewer', ['read']],
    ['reader', ['read', 'decrypt']],
    ['writer', ['read', 'decrypt', 'register', 'delete']],
    ['operator', ['read', 'decrypt', 'register', 'delete', 'operate']],
    ['admin', actions],
  ] as const)('%s may %j', (role, expected) => {
    const grants = new Grants([{ role }]);
    expect(actions.filter((action) => grants.may(action, 'rooms.raw-value'))).toEqual(expected);
    expect(actions.filter((action) => grants.mayEverywhere(action))).toEqual(expected);
    expect(actions.filter((action) => grants.mayPipeline(action, 'rooms'))).toEqual(expected);
  });
});

describe('subjects', () => {
  const may = (pattern: string, subject: string): boolean =>
    new Grants([{ role: 'viewer', subjects: [pattern] }]).may('read', subject);

  test.each([
    ['rooms.raw-value', 'rooms.raw-value', true],
    ['rooms.raw-value', 'rooms.raw-value2', false],
    ['rooms.raw-value', ':.:rooms.raw-value', true],
    ['rooms.*', 'rooms.raw-value', true],
    ['rooms.*', 'roomsXraw', false],
    ['rooms.*', ':.lab:rooms.raw', false],
    [':.lab:*', ':.lab:rooms.raw', true],
    [':.lab:*', ':.lab:', true],
    [':.lab:*', ':.laboratory:rooms.raw', false],
    [':.:*', 'rooms', true],
    ['*', ':.lab:rooms.raw', true],
    ['a*b', 'axb', false],
    ['a*b', 'a*b', true],
  ])('%s matches %s: %s', (pattern, subject, expected) => {
    expect(may(pattern, subject)).toBe(expected);
  });

  test('who is granted some of them is granted nothing that concerns all, and no pipeline', () => {
    const grants = new Grants([{ role: 'admin', subjects: ['rooms.*'] }]);
    expect(grants.mayEverywhere('read')).toBe(false);
    expect(grants.readsAll).toBe(false);
    expect(grants.maySomewhere('configure')).toBe(true);
    expect(grants.mayPipeline('read', 'rooms')).toBe(false);
  });

  test('who is granted pipelines is granted no subject', () => {
    const grants = new Grants([{ role: 'operator', pipelines: ['rooms'] }]);
    expect(grants.mayPipeline('operate', 'rooms')).toBe(true);
    expect(grants.mayPipeline('operate', 'halls')).toBe(false);
    expect(grants.may('read', 'rooms')).toBe(false);
  });

  test('who is granted nothing may nothing', () => {
    expect(actions.some((action) => new Grants([]).maySomewhere(action))).toBe(false);
  });
});
