import { expect, test } from '@jest/globals';
import type { FetchedRecord } from './port.ts';
import { decodeChange, encodeChange } from './state-record.ts';

test('a state change survives the changelog, whatever its bytes', () => {
  for (const change of [
    { store: 'window', key: Uint8Array.from([0, 255, 0]), value: Uint8Array.from([1]) },
    { store: 'größe', key: new Uint8Array(), value: null },
    { store: '', key: Uint8Array.from([7]), value: new Uint8Array() },
  ]) {
    const record: FetchedRecord = { ...encodeChange(change), offset: 0, timestampMs: 0 };
    const back = decodeChange(record);
    expect([back.store, [...back.key], back.value && [...back.value]]).toEqual([
      change.store,
      [...change.key],
      change.value && [...change.value],
    ]);
  }
  expect(() => decodeChange({ key: Uint8Array.from([0, 9, 1]), value: null, headers: [], offset: 4, timestampMs: 0 })).toThrow(
    'offset 4',
  );
});
