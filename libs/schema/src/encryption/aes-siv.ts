import { createCipheriv, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { type Cmac, createCmac } from './cmac.ts';
import type { DekCipher } from './dek-cipher.ts';
import { blockBytes, doubled, padded, xor } from './gf128.ts';

interface SivKey {
  readonly mac: Cmac;
  readonly counter: KeyObject;
  /** What S2V comes to after the associated strings: the same for all that is sealed. */
  readonly begun: Uint8Array;
}

/**
 * AES-SIV (RFC 5297): the same plaintext under the same key is always the same bytes, and nothing else is told by them. Synthetic IV ‖
 * ciphertext. `associated` is authenticated, not sent; Tink takes one, which is empty.
 */
export function createSiv(key: Uint8Array, associated: readonly Uint8Array[] = [new Uint8Array(0)]): DekCipher {
  if (key.length !== 32 && key.length !== 64) throw new RangeError(`a key of ${key.length} bytes is none of AES-SIV`);
  const mac = createCmac(key.subarray(0, key.length / 2));
  const begun = associated.reduce((state, each) => xor(doubled(state), mac(each)), mac(new Uint8Array(blockBytes)));
  const siv: SivKey = { mac, counter: createSecretKey(key.subarray(key.length / 2)), begun };
  return { encrypt: (plain) => seal(siv, plain), decrypt: (sealed) => open(siv, sealed) };
}

function seal(key: SivKey, plain: Uint8Array): Buffer {
  const iv = syntheticIv(key, plain);
  return Buffer.concat([iv, inCounterMode(key, iv, plain)]);
}

function open(key: SivKey, sealed: Uint8Array): Buffer {
  if (sealed.length < blockBytes) throw new RangeError('the ciphertext is too short');
  const iv = sealed.subarray(0, blockBytes);
  const plain = inCounterMode(key, iv, sealed.subarray(blockBytes));
  if (!timingSafeEqual(iv, syntheticIv(key, plain))) throw new RangeError('the ciphertext is not one of this key');
  return plain;
}

/** The end of S2V (§2.4). */
function syntheticIv({ mac, begun }: SivKey, plain: Uint8Array): Uint8Array {
  if (plain.length < blockBytes) return mac(xor(doubled(begun), padded(plain)));
  const end = Uint8Array.from(plain);
  end.set(xor(end.subarray(end.length - blockBytes), begun), end.length - blockBytes);
  return mac(end);
}

function inCounterMode({ counter }: SivKey, iv: Uint8Array, data: Uint8Array): Buffer {
  const start = Uint8Array.from(iv);
  start[8] = (iv[8] ?? 0) & 0x7f;
  start[12] = (iv[12] ?? 0) & 0x7f;
  const cipher = createCipheriv(counter.symmetricKeySize === 16 ? 'aes-128-ctr' : 'aes-256-ctr', counter, start);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}
