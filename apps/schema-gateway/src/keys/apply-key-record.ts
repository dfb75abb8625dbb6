import type { DekName, Place } from './key.ts';
import { type KeyRecord, ownTenant, parseDek, parseKek, parseRecordKey, type RecordKey } from './key-records.ts';
import type { Keys } from './keys.ts';

/** What a record changed. */
export interface KeyChange {
  readonly kind: 'key';
  readonly kek: string;
}

/** KEKs and DEKs are a fold of this over the records of the topic. Throws `keys.bad-record`; then nothing changed. */
export function applyKeyRecord(keys: Keys, record: KeyRecord, place: Place | null): KeyChange | null {
  const key = parseRecordKey(record.key);
  if ((key.tenant ?? ownTenant) !== ownTenant) return null;
  if (key.type === 'KEK') applyKek(keys, key, { record, place });
  else applyDek(keys, key, { record, place });
  return { kind: 'key', kek: key.type === 'KEK' ? key.name : key.kekName };
}

interface Arrived {
  readonly record: KeyRecord;
  readonly place: Place | null;
}

function applyKek(keys: Keys, key: RecordKey & { type: 'KEK' }, { record, place }: Arrived): void {
  if (record.value === null) return keys.removeKek(key.name);
  keys.putKek({ ...parseKek(key, record.key, record.value), recordKey: record.key, place });
}

function applyDek(keys: Keys, key: RecordKey & { type: 'DEK' }, { record, place }: Arrived): void {
  const name: DekName = key;
  if (record.value === null) return keys.removeDek(name);
  keys.putDek({ ...parseDek(key, record.key, record.value), recordKey: record.key, place });
}
