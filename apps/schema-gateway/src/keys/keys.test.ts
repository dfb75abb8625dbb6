import { describe, expect, test } from '@jest/globals';
import { applyKeyRecord } from './apply-key-record.ts';
import { decideDekDeletion, decideDekUndeletion, findDek, planDek, putDek } from './decide-dek.ts';
import { decideKekCreation, decideKekDeletion, decideKekUndeletion, decideKekUpdate, keysMax } from './decide-kek.ts';
import { type Dek, type Kek, kmsProps } from './key.ts';
import { type KeyRecord, printDek, printDekKey, printKek, printKekKey } from './key-records.ts';
import { Keys } from './keys.ts';

const kek: Kek = {
  ...{ name: 'rooms', kmsType: 'aws-kms', kmsKeyId: 'arn:aws:kms:x', kmsProps: kmsProps({}), doc: null },
  ...{ shared: false, deleted: false },
};
const dek: Dek = {
  ...{ kekName: 'rooms', subject: 'raw', algorithm: 'AES256_GCM', version: 1, encryptedKeyMaterial: 'b64=' },
  deleted: false,
};
const wanted = { ...dek, rewrap: false };
const line = { kekName: 'rooms', subject: 'raw', algorithm: 'AES256_GCM' } as const;

let offset = 0;
function store(keys: Keys, records: readonly KeyRecord[]): void {
  for (const record of records) applyKeyRecord(keys, record, { offset: offset++, atMs: 1_000 + offset });
}

function keysWith(...deks: readonly Partial<Dek>[]): Keys {
  const keys = new Keys();
  store(keys, decideKekCreation(keys, kek));
  store(
    keys,
    deks.map((more) => putDek(null, { ...dek, ...more })),
  );
  return keys;
}

const codeOf = (act: () => unknown): string => {
  try {
    act();
    return 'done';
  } catch (thrown) {
    return String((thrown as { code?: string }).code);
  }
};

describe('records', () => {
  test('are those that Jackson writes for the classes of Confluent, byte for byte', () => {
    const full: Kek = { ...kek, kmsProps: kmsProps({ b: '2', a: '1', 10: 'x', 9: null }), doc: 'é / <">', shared: true };
    expect([printKekKey('rooms'), printKek(kek), printKek(full)]).toEqual([
      '{"tenant":"default","name":"rooms","type":"KEK"}',
      '{"name":"rooms","kmsType":"aws-kms","kmsKeyId":"arn:aws:kms:x","kmsProps":{},"shared":false,"deleted":false,"type":"KEK"}',
      '{"name":"rooms","kmsType":"aws-kms","kmsKeyId":"arn:aws:kms:x","kmsProps":{"10":"x","9":null,"a":"1","b":"2"},"doc":"é / <\\">","shared":true,"deleted":false,"type":"KEK"}',
    ]);
    const other: Dek = { ...dek, subject: ':.lab:raw', encryptedKeyMaterial: null, deleted: true };
    expect([printDekKey(dek), printDek(dek), printDekKey(other), printDek(other)]).toEqual([
      '{"tenant":"default","kekName":"rooms","subject":"raw","algorithm":"AES256_GCM","version":1,"type":"DEK"}',
      '{"kekName":"rooms","subject":"raw","algorithm":"AES256_GCM","version":1,"encryptedKeyMaterial":"b64=","deleted":false,"type":"DEK"}',
      '{"tenant":"default","kekName":"rooms","subject":":.lab:raw","algorithm":"AES256_GCM","version":1,"type":"DEK"}',
      '{"kekName":"rooms","subject":":.lab:raw","algorithm":"AES256_GCM","version":1,"deleted":true,"type":"DEK"}',
    ]);
  });

  test('of others are read with fields that are not known here, and written back under the key they had', () => {
    const keys = new Keys();
    const key = '{"type":"KEK","tenant":"default","name":"rooms"}';
    const value = '{"type":"KEK","name":"rooms","kmsType":"t","kmsKeyId":"i","kmsProps":{"z":1,"a":true},"later":[],"ts":9}';
    store(keys, [{ key, value }]);
    expect(keys.kek('rooms')).toMatchObject({ shared: false, deleted: false, doc: null });
    expect([...(keys.kek('rooms')?.kmsProps ?? [])]).toEqual([
      ['a', 'true'],
      ['z', '1'],
    ]);
    expect(decideKekDeletion(keys, 'rooms', false)[0]?.key).toBe(key);
  });

  test('of another tenant are not ours', () => {
    const keys = new Keys();
    store(keys, [{ key: printKekKey('rooms').replace('default', 'lkc-1'), value: printKek(kek) }]);
    expect(keys.keks()).toEqual([]);
  });

  test.each([
    ['{', null],
    ['{"type":"KEK"}', null],
    [printKekKey('rooms'), '{"secret":"hunter2"'],
    [printKekKey('rooms'), printDek(dek)],
    [printDekKey(dek).replace('AES256_GCM', 'DES'), printDek(dek)],
  ])('that cannot be read change nothing, and nothing of them is told: %s', (key, value) => {
    const keys = new Keys();
    expect(() => applyKeyRecord(keys, { key, value }, null)).toThrow(/^(?!.*hunter2)/);
    expect(codeOf(() => applyKeyRecord(keys, { key, value }, null))).toBe('keys.bad-record');
    expect(keys.kekCount + keys.dekCount).toBe(0);
  });
});

describe('a KEK', () => {
  test('is there once, and can be created again as it was when it is deleted', () => {
    const keys = keysWith();
    expect(codeOf(() => decideKekCreation(keys, kek))).toBe('keys.already-exists');
    store(keys, decideKekDeletion(keys, 'rooms', false));
    expect(codeOf(() => decideKekCreation(keys, { ...kek, doc: 'another' }))).toBe('keys.already-exists');
    store(keys, decideKekCreation(keys, kek));
    expect(keys.kek('rooms')?.deleted).toBe(false);
    expect(keys.kekCount).toBe(1);
  });

  test('that is updated to what it is needs no record', () => {
    const keys = keysWith();
    expect(decideKekUpdate(keys, 'rooms', { kmsProps: undefined, doc: undefined, shared: false })).toEqual([]);
    store(keys, decideKekUpdate(keys, 'rooms', { kmsProps: kmsProps({ a: 'b' }), doc: 'd', shared: true }));
    expect(keys.kek('rooms')).toMatchObject({ doc: 'd', shared: true });
    expect(codeOf(() => decideKekUpdate(keys, 'halls', { kmsProps: undefined, doc: null, shared: true }))).toBe('keys.not-found');
  });

  test('stays while it wraps a DEK: a deleted one only keeps it from going for good', () => {
    const keys = keysWith({});
    expect(codeOf(() => decideKekDeletion(keys, 'rooms', false))).toBe('keys.referenced');
    store(keys, decideDekDeletion(keys, { ...line, version: 'all' }, false));
    store(keys, decideKekDeletion(keys, 'rooms', false));
    expect(codeOf(() => decideKekDeletion(keys, 'rooms', true))).toBe('keys.referenced');
    store(keys, decideDekDeletion(keys, { ...line, version: 'all' }, true));
    store(keys, decideKekDeletion(keys, 'rooms', true));
    expect([keys.kekCount, keys.dekCount]).toEqual([0, 0]);
    expect(codeOf(() => decideKekUndeletion(keys, 'rooms'))).toBe('keys.not-found');
  });

  test('goes for good only after it was deleted, and comes back until then', () => {
    const keys = keysWith();
    expect(codeOf(() => decideKekDeletion(keys, 'rooms', true))).toBe('keys.not-soft-deleted');
    store(keys, decideKekDeletion(keys, 'rooms', false));
    expect(decideKekDeletion(keys, 'rooms', false)).toEqual([]);
    store(keys, decideKekUndeletion(keys, 'rooms'));
    expect(decideKekUndeletion(keys, 'rooms')).toEqual([]);
  });

  test('is one of as many as there may be', () => {
    const keys = new Keys();
    for (let each = 0; each <= keysMax; each += 1) store(keys, [{ key: printKekKey(`k${each}`), value: printKek(kek) }]);
    expect(codeOf(() => decideKekCreation(keys, kek))).toBe('keys.too-many');
  });
});

describe('a DEK', () => {
  test('needs a KEK, and material where the gateway may not make it', () => {
    expect(codeOf(() => planDek(new Keys(), wanted))).toBe('keys.not-found');
    const keys = keysWith();
    expect(planDek(keys, wanted)).toMatchObject({ known: null, wraps: false });
    expect(codeOf(() => planDek(keys, { ...wanted, encryptedKeyMaterial: null }))).toBe('keys.invalid');
    store(keys, decideKekUpdate(keys, 'rooms', { kmsProps: undefined, doc: undefined, shared: true }));
    expect(planDek(keys, { ...wanted, encryptedKeyMaterial: null })).toMatchObject({ wraps: true });
  });

  test('is there once; rewrapped it has other material, but not from outside where its KEK is shared', () => {
    const keys = keysWith({});
    expect(codeOf(() => planDek(keys, wanted))).toBe('keys.already-exists');
    expect(planDek(keys, { ...wanted, encryptedKeyMaterial: 'new=', rewrap: true }).known?.encryptedKeyMaterial).toBe('b64=');
    store(keys, decideKekUpdate(keys, 'rooms', { kmsProps: undefined, doc: undefined, shared: true }));
    expect(codeOf(() => planDek(keys, { ...wanted, rewrap: true }))).toBe('keys.already-exists');
    expect(planDek(keys, { ...wanted, encryptedKeyMaterial: null, rewrap: true }).wraps).toBe(true);
  });

  test('that was deleted can be created again as it was', () => {
    const keys = keysWith({ deleted: true });
    expect(codeOf(() => planDek(keys, { ...wanted, encryptedKeyMaterial: 'other=' }))).toBe('keys.already-exists');
    expect(planDek(keys, wanted).known?.deleted).toBe(true);
  });

  test('has versions, by algorithm, each of which goes and comes back by itself', () => {
    const keys = keysWith({ version: 2 }, {}, { version: 10 }, { algorithm: 'AES256_SIV', version: 7 });
    expect(keys.versions(line).map(({ version }) => version)).toEqual([1, 2, 10]);
    store(keys, decideDekDeletion(keys, { ...line, version: 'latest' }, false));
    expect(findDek(keys, { ...line, version: 'latest' }, false)?.version).toBe(2);
    expect(findDek(keys, { ...line, version: 'latest' }, true)?.version).toBe(10);
    expect(findDek(keys, { ...line, version: 10 }, false)).toBeNull();
    expect(codeOf(() => decideDekDeletion(keys, { ...line, version: 'all' }, true))).toBe('keys.not-soft-deleted');
    expect(codeOf(() => decideDekDeletion(keys, { ...line, version: 3 }, false))).toBe('keys.not-found');
    store(keys, decideDekUndeletion(keys, { ...line, version: 'all' }));
    expect(keys.versions(line).some(({ deleted }) => deleted)).toBe(false);
    expect(keys.dekCount).toBe(4);
  });

  test('does not come back before its KEK', () => {
    const keys = keysWith({ deleted: true });
    store(keys, decideKekDeletion(keys, 'rooms', false));
    expect(codeOf(() => decideDekUndeletion(keys, { ...line, version: 1 }))).toBe('keys.soft-deleted');
  });

  test('of a subject that is spelled with its context is the same one', () => {
    const keys = keysWith({});
    expect(keys.dek({ ...line, subject: ':.:raw', version: 1 })?.subject).toBe('raw');
    expect(keys.dek({ ...line, subject: ':.lab:raw', version: 1 })).toBeUndefined();
  });
});

test('what is about to happen is seen over what is, and leaves it alone', () => {
  const keys = keysWith({});
  const ahead = new Keys(keys);
  store(ahead, [putDek(null, { ...dek, version: 2 })]);
  store(ahead, decideDekDeletion(ahead, { ...line, version: 1 }, false));
  expect(ahead.versions(line).map(({ version, deleted }) => [version, deleted])).toEqual([
    [1, true],
    [2, false],
  ]);
  expect(keys.versions(line)).toHaveLength(1);
  expect([keys.dekCount, ahead.dekCount]).toEqual([1, 2]);
});
