import { randomBytes } from 'node:crypto';
import { createGcm } from './aes-gcm.ts';
import { createSiv } from './aes-siv.ts';
import { type DekAlgorithm, keyBytes } from './dek-algorithm.ts';
import type { DekCipher } from './dek-cipher.ts';

/** A new data key as it is given to a KMS to be wrapped: a serialised `AesGcmKey` or `AesSivKey` of Tink. */
export function createDekMaterial(algorithm: DekAlgorithm): Buffer {
  return materialOf(algorithm, randomBytes(keyBytes[algorithm]));
}

/** Field 3 in `AesGcmKey`, 2 in `AesSivKey`; a version of zero is not written. */
function materialOf(algorithm: DekAlgorithm, key: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of((fieldOf(algorithm) << 3) | 2, key.length), key]);
}

/** Throws where the material is no key of the algorithm. */
export function openDek(algorithm: DekAlgorithm, material: Uint8Array): DekCipher {
  const key = keyIn(algorithm, material);
  return algorithm === 'AES256_SIV' ? createSiv(key) : createGcm(key);
}

function fieldOf(algorithm: DekAlgorithm): number {
  return algorithm === 'AES256_SIV' ? 2 : 3;
}

/** Field 1 is the version, whose only value is zero; some write it. */
function keyIn(algorithm: DekAlgorithm, material: Uint8Array): Uint8Array {
  const start = material[0] === 0x08 && material[1] === 0 ? 2 : 0;
  const key = material.subarray(start + 2);
  const isKey =
    material[start] === ((fieldOf(algorithm) << 3) | 2) &&
    material[start + 1] === key.length &&
    key.length === keyBytes[algorithm];
  if (!isKey) throw new TypeError(`the key's material is none of ${algorithm}`);
  return key;
}
