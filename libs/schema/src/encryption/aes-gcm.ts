import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ivBytes = 12;
const tagBytes = 16;

/** IV ‖ ciphertext ‖ tag, as Tink lays them out, with nothing beside it that is authenticated. */
export function sealGcm(key: Uint8Array, plain: Uint8Array): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(nameFor(key), key, iv);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Throws where the key is not the one, or a bit was changed. */
export function openGcm(key: Uint8Array, sealed: Uint8Array): Buffer {
  if (sealed.length < ivBytes + tagBytes) throw new RangeError('the ciphertext is too short');
  const decipher = createDecipheriv(nameFor(key), key, sealed.subarray(0, ivBytes), { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(ivBytes, sealed.length - tagBytes)), decipher.final()]);
}

function nameFor(key: Uint8Array): 'aes-128-gcm' | 'aes-256-gcm' {
  if (key.length !== 16 && key.length !== 32) throw new RangeError(`a key of ${key.length} bytes is none of AES-GCM`);
  return key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm';
}
