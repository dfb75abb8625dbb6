import { createCipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { blockBytes, doubled, padded, xor } from './gf128.ts';

export type Cmac = (data: Uint8Array) => Uint8Array;

const zero = new Uint8Array(blockBytes);

/** AES-CMAC (RFC 4493): the last block of CBC, whose last input is masked. */
export function createCmac(bytes: Uint8Array): Cmac {
  const key = createSecretKey(bytes);
  const whole = doubled(inCbc(key, zero));
  const partial = doubled(whole);
  return (data) => {
    const isWhole = data.length > 0 && data.length % blockBytes === 0;
    const at = isWhole ? data.length - blockBytes : data.length - (data.length % blockBytes);
    const last = isWhole ? xor(data.subarray(at), whole) : xor(padded(data.subarray(at)), partial);
    return inCbc(key, Buffer.concat([data.subarray(0, at), last])).subarray(at);
  };
}

function inCbc(key: KeyObject, blocks: Uint8Array): Uint8Array {
  const name = key.symmetricKeySize === 16 ? 'aes-128-cbc' : 'aes-256-cbc';
  return createCipheriv(name, key, zero).setAutoPadding(false).update(blocks);
}
