import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Clock } from '@penstock/kernel';
import { noKey } from '../problems.ts';
import type { Kek, KeyRegistry } from './key-registry.ts';
import { type KeyUse, parseKeyUse } from './key-use.ts';
import { createKeyring, type Keyring } from './keyring.ts';
import { MemoryKeys } from './testing/memory-keys.ts';

const dayMs = 86_400_000;
const plain = Buffer.from('room 101');
let registry = new MemoryKeys();
const clock: Clock = { nowMs: () => registry.nowMs, sleep: async () => undefined };

const params: Record<string, string> = {
  'encrypt.kek.name': 'lab',
  'encrypt.kms.type': 'local-kms',
  'encrypt.kms.key.id': 'one',
};
const useOf = (more: Record<string, string> = {}): KeyUse => parseKeyUse((name) => ({ ...params, ...more })[name] ?? null);
const open = (env: Record<string, string> = { LOCAL_SECRET: 'hush' }): Keyring => createKeyring({ registry, env, clock });
const writing = (use = useOf()) => ({ use, subject: 'rooms-value', toWrite: true, version: use.expiryDays === 0 ? 1 : -1 });
const reading = (version: number, use = useOf()) => ({ use, subject: 'rooms-value', toWrite: false, version });

beforeEach(() => {
  registry = new MemoryKeys();
});

describe('the parameters of a rule', () => {
  test.each([
    [{ 'encrypt.kek.name': '' }, 'names no key'],
    [{ 'encrypt.dek.algorithm': 'ROT13' }, 'expected one of AES128_GCM, AES256_GCM, AES256_SIV'],
    [{ 'encrypt.dek.expiry.days': 'soon' }, 'expected a number of days'],
    [{ 'encrypt.dek.expiry.days': '-1' }, 'expected a number of days'],
  ])('%j are refused', (more, message) => {
    expect(() => useOf(more)).toThrow(message);
  });

  test('default to a key for ever, of AES256_GCM', () => {
    expect(useOf()).toMatchObject({ algorithm: 'AES256_GCM', expiryDays: 0, alternateKmsKeyIds: [] });
    expect(useOf({ 'encrypt.alternate.kms.key.ids': 'two, three' }).alternateKmsKeyIds).toEqual(['two', 'three']);
  });
});

describe('a keyring that writes', () => {
  test('makes the keys that are not there, once for all who ask at the same time, and then has them at hand', async () => {
    const keyring = open();
    const [one, two] = await Promise.all([keyring.key(writing()), keyring.key(writing())]);
    expect(two).toBe(one);
    expect(keyring.key(writing())).toBe(one);
    expect(registry.asked).toEqual(['kek', 'createKek', 'dek 1', 'createDek 1']);
    expect(registry.keks.get('lab')).toEqual({ name: 'lab', kmsType: 'local-kms', kmsKeyId: 'one', shared: false });
    expect((await open().key(reading(1))).decrypt(one.encrypt(plain))).toEqual(plain);
  });

  test('takes the key of a process that was faster', async () => {
    const first = await open().key(writing());
    const { keks, deks } = registry;
    registry = new MemoryKeys();
    registry.meanwhile = () => {
      registry.keks.set('lab', keks.get('lab') as Kek);
      for (const [name, dek] of deks) registry.deks.set(name, dek);
    };
    const second = await open().key(writing());
    expect(second.decrypt(first.encrypt(plain))).toEqual(plain);
  });

  test('makes no KEK where the rule does not say of which KMS', async () => {
    const use = parseKeyUse((name) => (name === 'encrypt.kek.name' ? 'lab' : null));
    await expect(open().key(writing(use))).rejects.toMatchObject({ code: 'schema.no-key' });
    registry.keks.set('lab', { name: 'lab', kmsType: 'local-kms', kmsKeyId: 'one' });
    await expect(open().key(writing(use))).resolves.toMatchObject({ version: 1 });
  });

  test('refuses a KEK that is another than the rule says', async () => {
    registry.keks.set('lab', { name: 'lab', kmsType: 'local-kms', kmsKeyId: 'two' });
    await expect(open().key(writing())).rejects.toThrow('the rule says kmsKeyId one, the registry two');
  });

  test('lets the registry make the key of a KEK that is shared', async () => {
    registry.keks.set('lab', { name: 'lab', kmsType: 'local-kms', kmsKeyId: 'one', shared: true });
    const sharing: KeyRegistry = {
      kek: (name) => registry.kek(name),
      createKek: (kek) => registry.createKek(kek),
      dek: (place) => registry.dek(place),
      createDek: async (place, material) => {
        expect(material).toBeNull();
        return {
          version: place.version,
          ts: 0,
          encryptedKeyMaterial: 'AAAA',
          keyMaterial: Buffer.from(`GhA${'A'.repeat(21)}==`, 'base64').toString('base64'),
        };
      },
    };
    const use = useOf({ 'encrypt.dek.algorithm': 'AES128_GCM' });
    const key = await createKeyring({ registry: sharing, env: {}, clock }).key(writing(use));
    expect(key.decrypt(key.encrypt(plain))).toEqual(plain);
  });
});

describe('a key that grows old', () => {
  const rotating = useOf({ 'encrypt.dek.expiry.days': '2' });

  test('is replaced when its days are over, and what it sealed is still read', async () => {
    const keyring = open();
    const first = await keyring.key(writing(rotating));
    registry.nowMs = 2 * dayMs - 1;
    expect(keyring.key(writing(rotating))).toBe(first);
    registry.nowMs = 2 * dayMs;
    const second = await keyring.key(writing(rotating));
    expect([first.version, second.version]).toEqual([1, 2]);
    expect((await open().key(reading(1, rotating))).decrypt(first.encrypt(plain))).toEqual(plain);
    expect(() => second.decrypt(first.encrypt(plain))).toThrow();
  });

  test('is replaced once by several processes', async () => {
    const rings = [open(), open(), open()];
    await Promise.all(rings.map((ring) => ring.key(writing(rotating))));
    registry.nowMs = 3 * dayMs;
    const keys = await Promise.all(rings.map((ring) => ring.key(writing(rotating))));
    expect(keys.map(({ version }) => version)).toEqual([2, 2, 2]);
    expect(registry.deks.size).toBe(2);
    const sealed = (keys[0] as (typeof keys)[0]).encrypt(plain);
    for (const key of keys) expect(key.decrypt(sealed)).toEqual(plain);
  });

  test('serves on while none can be made, and is tried again later', async () => {
    const keyring = open();
    await keyring.key(writing(rotating));
    registry.nowMs = 3 * dayMs;
    registry.meanwhile = () => {
      throw noKey('not now');
    };
    expect((await keyring.key(writing(rotating))).version).toBe(1);
    registry.meanwhile = () => undefined;
    expect(keyring.key(writing(rotating))).toMatchObject({ version: 1 });
    registry.nowMs += 10_000;
    expect((await keyring.key(writing(rotating))).version).toBe(2);
  });

  test('serves on while the registry is away, in whoever has it open', async () => {
    const keyring = open();
    const first = await keyring.key(writing(rotating));
    registry.nowMs = 3 * dayMs;
    registry.isAway = true;
    expect(await keyring.key(writing(rotating))).toBe(first);
    expect(keyring.key(writing(rotating))).toBe(first);
    await expect(open().key(writing(rotating))).rejects.toMatchObject({ code: 'schema.registry-unreachable' });
    registry.isAway = false;
    registry.nowMs += 10_000;
    expect((await keyring.key(writing(rotating))).version).toBe(2);
  });

  test('serves on where the next one is there and deleted, and is not asked for record by record', async () => {
    const keyring = open();
    await keyring.key(writing(rotating));
    registry.nowMs = 3 * dayMs;
    registry.createDek = async () => null;
    expect(await keyring.key(writing(rotating))).toMatchObject({ version: 1 });
    const asked = registry.asked.length;
    registry.nowMs += 9_999;
    expect(keyring.key(writing(rotating))).toMatchObject({ version: 1 });
    expect(registry.asked).toHaveLength(asked);
    registry.nowMs += 1;
    await keyring.key(writing(rotating));
    expect(registry.asked.length).toBeGreaterThan(asked);
  });
});

describe('a keyring that reads', () => {
  test('makes nothing, and does not ask again for a while for what it did not get', async () => {
    const keyring = open();
    await expect(keyring.key(reading(1))).rejects.toMatchObject({ code: 'schema.no-key', remedy: 'reject' });
    expect(() => keyring.key(reading(1))).toThrow('does not know it');
    expect(registry.asked).toEqual(['kek']);
    await open().key(writing());
    registry.nowMs = 10_000;
    expect(await keyring.key(reading(1))).toMatchObject({ version: 1 });
  });

  test('without the secret of the KMS is refused; an outage is an outage and not remembered', async () => {
    await open().key(writing());
    await expect(open({}).key(reading(1))).rejects.toMatchObject({ code: 'schema.kms-refused' });
    await expect(open({ LOCAL_SECRET: 'another' }).key(reading(1))).rejects.toMatchObject({ code: 'schema.kms-refused' });
    const keyring = open();
    registry.isAway = true;
    await expect(keyring.key(reading(1))).rejects.toMatchObject({ code: 'schema.registry-unreachable', remedy: 'retry' });
    registry.isAway = false;
    expect(await keyring.key(reading(1))).toMatchObject({ version: 1 });
  });

  test('asks the alternates of a KMS', async () => {
    registry.keks.set('lab', {
      name: 'lab',
      kmsType: 'hcvault',
      kmsKeyId: 'http://127.0.0.1:1/transit/keys/a',
      kmsProps: { 'encrypt.alternate.kms.key.ids': 'http://127.0.0.1:2/nothing', 'token.id': 't' },
    });
    const use = parseKeyUse((name) => (name === 'encrypt.kek.name' ? 'lab' : null));
    await expect(open().key(writing(use))).rejects.toMatchObject({ code: 'schema.kms-unreachable' });
  });
});
