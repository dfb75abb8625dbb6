import { randomBytes } from 'node:crypto';
import { openGcm, sealGcm } from './aes-gcm.ts';
import { openSiv, sealSiv } from './aes-siv.ts';
import { type DekAlgorithm, keyBytes } from './dek-algorithm.ts';

/** A data key that is open. It throws a plain error where bytes are not of it, which never shows them. */
export interface DekCipher {
  encrypt(plain: Uint8Array): Buffer;
  decrypt(sealed: Uint8Array): Buffer;
}

/** A new data key as it is given to a KMS to be wrapped: a serialised `AesGcmKey` or `AesSivKey` of Tink. */
export function createDekMaterial(algorithm: DekAlgorithm): Buffer {
  return materialOf(algorithm, randomBytes(keyBytes[algorithm]));
}

/** Field 3 in `AesGcmKey`, 2 in `AesSivKey`; a version of zero is not written. */
export function materialOf(algorithm: DekAlgorithm, key: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of((fieldOf(algorithm) << 3) | 2, key.length), key]);
}

/** Throws where the material is no key of the algorithm. */
export function openDek(algorithm: DekAlgorithm, material: Uint8Array): DekCipher {
  const key = keyIn(algorithm, material);
  if (algorithm === 'AES256_SIV') return { encrypt: (plain) => sealSiv(key, plain), decrypt: (sealed) => openSiv(key, sealed) };
  return { encrypt: (plain) => sealGcm(key, plain), decrypt: (sealed) => openGcm(key, sealed) };
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
