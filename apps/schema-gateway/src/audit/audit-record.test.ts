import { beforeEach, expect, test } from '@jest/globals';
import {
  decideConfig,
  decideContextDeletion,
  decideRegistration,
  decideSubjectDeletion,
  type RegistryRecord,
  readDraft,
} from '@penstock/registry';
import { fold, schemaRecords } from '../log/records.ts';
import { State } from '../log/state.ts';
import { changeOf } from './audit-record.ts';

let state = new State();
beforeEach(() => {
  state = new State();
});

/** What the records of a decision are told as, once they are taken in. */
function told(records: readonly RegistryRecord[]): unknown[] {
  const changes = schemaRecords(records).map((record) => {
    const change = changeOf(record, state);
    fold(state, record);
    return change;
  });
  return changes.filter((change) => change !== null);
}

test('that a guard is taken away is told, with what it was', () => {
  expect(told(decideConfig(state.registry, 's', { guard: false }))).toEqual([
    { action: 'guard.set', subject: 's', before: undefined, after: { guard: false } },
  ]);
  expect(told(decideConfig(state.registry, 's', { guard: true }))).toMatchObject([{ before: false, after: { guard: true } }]);
});

test('a context is told when it goes, not when a schema brings it', () => {
  const candidate = readDraft(state.registry, ':.c:s', { format: 'AVRO', text: '"int"' });
  const { records } = decideRegistration(state.registry, ':.c:s', { candidate, given: null });
  expect(told(records)).toMatchObject([{ action: 'schema.register', subject: ':.c:s' }]);
  for (const permanent of [false, true]) told(decideSubjectDeletion(state.registry, ':.c:s', permanent).records);
  expect(told(decideContextDeletion(state.registry, '.c'))).toEqual([{ action: 'context.remove', subject: ':.c:' }]);
});
