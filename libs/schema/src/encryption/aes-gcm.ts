import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { DekCipher } from './dek-cipher.ts';

const ivBytes = 12;
const tagBytes = 16;

interface GcmKey {
  readonly name: 'aes-128-gcm' | 'aes-256-gcm';
  readonly key: KeyObject;
}

/** AES-GCM: IV ‖ ciphertext ‖ tag, as Tink lays them out, with nothing beside it that is authenticated. */
export function createGcm(key: Uint8Array): DekCipher {
  if (key.length !== 16 && key.length !== 32) throw new RangeError(`a key of ${key.length} bytes is none of AES-GCM`);
  const gcm: GcmKey = { name: key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key: createSecretKey(key) };
  return { encrypt: (plain) => seal(gcm, plain), decrypt: (sealed) => open(gcm, sealed) };
}

function seal({ name, key }: GcmKey, plain: Uint8Array): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(name, key, iv);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open({ name, key }: GcmKey, sealed: Uint8Array): Buffer {
  if (sealed.length < ivBytes + tagBytes) throw new RangeError('the ciphertext is too short');
  const decipher = createDecipheriv(name, key, sealed.subarray(0, ivBytes), { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(ivBytes, sealed.length - tagBytes)), decipher.final()]);
}
