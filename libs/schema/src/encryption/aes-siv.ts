import { createCipheriv, timingSafeEqual } from 'node:crypto';

const block = 16;
const zero = new Uint8Array(block);

/**
 * AES-SIV (RFC 5297): the same plaintext under the same key is always the same bytes, and nothing else is told by them. Synthetic IV ‖
 * ciphertext. `associated` is authenticated, not sent; Tink takes one, which is empty.
 */
export function sealSiv(key: Uint8Array, plain: Uint8Array, associated: readonly Uint8Array[] = [new Uint8Array(0)]): Buffer {
  const { mac, counter } = halvesOf(key);
  const iv = syntheticIv(mac, associated, plain);
  return Buffer.concat([iv, inCounterMode(counter, iv, plain)]);
}

/** Throws where the key is not the one, or a bit was changed. */
export function openSiv(key: Uint8Array, sealed: Uint8Array, associated: readonly Uint8Array[] = [new Uint8Array(0)]): Buffer {
  if (sealed.length < block) throw new RangeError('the ciphertext is too short');
  const { mac, counter } = halvesOf(key);
  const iv = sealed.subarray(0, block);
  const plain = inCounterMode(counter, iv, sealed.subarray(block));
  if (!timingSafeEqual(iv, syntheticIv(mac, associated, plain))) throw new RangeError('the ciphertext is not one of this key');
  return plain;
}

function halvesOf(key: Uint8Array): { mac: Uint8Array; counter: Uint8Array } {
  if (key.length !== 32 && key.length !== 64) throw new RangeError(`a key of ${key.length} bytes is none of AES-SIV`);
  return { mac: key.subarray(0, key.length / 2), counter: key.subarray(key.length / 2) };
}

/** S2V of RFC 5297 §2.4. */
function syntheticIv(key: Uint8Array, associated: readonly Uint8Array[], plain: Uint8Array): Uint8Array {
  let state = cmac(key, zero);
  for (const each of associated) state = xor(doubled(state), cmac(key, each));
  if (plain.length < block) return cmac(key, xor(doubled(state), padded(plain)));
  const end = Buffer.from(plain);
  end.set(xor(end.subarray(end.length - block), state), end.length - block);
  return cmac(key, end);
}

function inCounterMode(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Buffer {
  const start = Uint8Array.from(iv);
  start[8] = (iv[8] ?? 0) & 0x7f;
  start[12] = (iv[12] ?? 0) & 0x7f;
  const cipher = createCipheriv(`aes-${key.length * 8}-ctr`, key, start);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

/** CMAC of RFC 4493: the last block of CBC, whose last input is masked. */
function cmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  const once = doubled(inCbc(key, zero));
  const isWhole = data.length > 0 && data.length % block === 0;
  const at = isWhole ? data.length - block : data.length - (data.length % block);
  const last = isWhole ? xor(data.subarray(at), once) : xor(padded(data.subarray(at)), doubled(once));
  return inCbc(key, Buffer.concat([data.subarray(0, at), last])).subarray(at);
}

function inCbc(key: Uint8Array, blocks: Uint8Array): Uint8Array {
  const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, zero).setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}

/** Multiplied by x in GF(2^128). */
function doubled(value: Uint8Array): Uint8Array {
  const shifted = value.map((byte, at) => (byte << 1) | ((value[at + 1] ?? 0) >> 7));
  if ((value[0] ?? 0) >> 7 === 1) shifted[block - 1] = (shifted[block - 1] ?? 0) ^ 0x87;
  return shifted;
}

function padded(part: Uint8Array): Uint8Array {
  const whole = new Uint8Array(block);
  whole.set(part);
  whole[part.length] = 0x80;
  return whole;
}

function xor(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((byte, at) => byte ^ (other[at] ?? 0));
}
