import { Cryptor, type DekFormat, LocalKmsDriver } from '@confluentinc/schemaregistry';
import { describe, expect, test } from '@jest/globals';
import { dekAlgorithms } from './dek-algorithm.ts';
import { createDekMaterial, openDek } from './dek-material.ts';
import { openKms } from './kms.ts';

const texts = [
  '',
  'a',
  '15 bytes of it.',
  'sixteen bytes of',
  'seventeen bytes o',
  'room 101, third floor, the one with the window',
].map((text) => Buffer.from(text));

describe.each(dekAlgorithms)('the stock client and ours, with %s', (algorithm) => {
  const stock = new Cryptor(algorithm as DekFormat);

  test('open what the other sealed, with a key that either made', async () => {
    for (const material of [createDekMaterial(algorithm), stock.generateKey()]) {
      const ours = openDek(algorithm, material);
      for (const text of texts) {
        expect(ours.decrypt(await stock.encrypt(material, text))).toEqual(text);
        expect(await stock.decrypt(material, ours.encrypt(text))).toEqual(text);
      }
    }
  });

  test('make keys of the same length', () => {
    expect(createDekMaterial(algorithm)).toHaveLength(stock.generateKey().length);
  });

  test('refuse a ciphertext with a changed bit, and a key of another algorithm', () => {
    const material = createDekMaterial(algorithm);
    const sealed = openDek(algorithm, material).encrypt(Buffer.from('room 101'));
    sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
    expect(() => openDek(algorithm, material).decrypt(sealed)).toThrow();
    expect(() => openDek(algorithm, material).decrypt(sealed.subarray(0, 10))).toThrow('too short');
    for (const other of dekAlgorithms.filter((name) => name !== algorithm))
      expect(() => openDek(other, material)).toThrow(`none of ${other}`);
  });
});

test('AES256_SIV makes the same bytes as the stock client, every time', async () => {
  const material = createDekMaterial('AES256_SIV');
  for (const text of texts)
    expect(openDek('AES256_SIV', material).encrypt(text)).toEqual(
      await new Cryptor('AES256_SIV' as DekFormat).encrypt(material, text),
    );
});

test('a local KMS unwraps what that of the stock client wrapped, and the other way round', async () => {
  const ours = openKms({ kmsType: 'local-kms', kmsKeyId: 'any' }, { LOCAL_SECRET: 'hush' });
  const stock = new LocalKmsDriver().newKmsClient(new Map([['secret', 'hush']]), 'local-kms://any');
  const key = createDekMaterial('AES256_GCM');
  expect(await ours.decrypt(await stock.encrypt(key))).toEqual(key);
  expect(await stock.decrypt(await ours.encrypt(key))).toEqual(key);
});
