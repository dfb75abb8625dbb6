import { describe, expect, test } from '@jest/globals';
import type { Registration } from './registrations.ts';
import { auditRegistry, type ListedVersion } from './registry-audit.ts';

const told = (subject: string, schema: string, id: number | null): Registration => ({
  ...{ subject, schema, id, begunMs: 0, answeredMs: 1, answeredBy: 'a', failures: 0 },
});
const listed = (subject: string, version: number, id: number): ListedVersion => ({ subject, version, id, schema: `s${id}` });
const listing = (gateway: string, versions: readonly ListedVersion[]) => ({
  gateway,
  versions,
  texts: new Map(versions.map(({ id, schema }) => [id, schema])),
});
const registrations = [told('x', 's1', 1), told('x', 's2', 2), told('y', 's3', 3), told('y', 's4', null)];
const all = [listed('x', 1, 1), listed('x', 2, 2), listed('y', 1, 3)];
const whole = { acknowledged: 3, stored: 3, lost: 0, duplicates: 0, gaps: 0, differing: 0 };

describe('the audit of a registry', () => {
  test('finds nothing where everything that was answered is everywhere', () => {
    expect(auditRegistry(registrations, [listing('a', all), listing('b', all)])).toEqual(whole);
  });

  test('takes a registration without an answer for stored or not, as it is', () => {
    const more = [...all, listed('y', 2, 4)];
    expect(auditRegistry(registrations, [listing('a', more)])).toEqual({ ...whole, stored: 4 });
  });

  test('finds what one gateway alone does not know', () => {
    const found = auditRegistry(registrations, [listing('a', all), listing('b', all.slice(0, 2))]);
    expect(found).toMatchObject({ lost: 1, differing: 1 });
  });

  test('finds what is there under another id, or whose id answers another text', () => {
    const moved = [...all.slice(0, 2), { ...listed('y', 1, 9), schema: 's3' }];
    expect(auditRegistry(registrations, [listing('a', moved)])).toMatchObject({ lost: 1 });
    const { versions, texts } = listing('a', all);
    const wrong = { gateway: 'a', versions, texts: new Map(texts).set(3, 's1') };
    expect(auditRegistry(registrations, [wrong])).toMatchObject({ lost: 1 });
  });

  test('finds a schema that was taken twice, and an id that was given twice', () => {
    const twice = [...all, { ...listed('x', 3, 2) }];
    expect(auditRegistry(registrations, [listing('a', twice)])).toMatchObject({ duplicates: 2 });
    const shared = [listed('x', 1, 1), listed('x', 2, 2), { ...listed('y', 1, 2), schema: 's3' }];
    expect(auditRegistry(registrations, [listing('a', shared)])).toMatchObject({ duplicates: 1, lost: 2 });
  });

  test('finds a gap between versions', () => {
    const gap = [listed('x', 1, 1), listed('x', 3, 2), listed('y', 1, 3)];
    expect(auditRegistry(registrations, [listing('a', gap)])).toMatchObject({ gaps: 1, lost: 0 });
  });
});
