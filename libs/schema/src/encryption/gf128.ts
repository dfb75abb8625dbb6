export const blockBytes = 16;

/** Multiplied by x in GF(2^128). */
export function doubled(value: Uint8Array): Uint8Array {
  const shifted = value.map((byte, at) => (byte << 1) | ((value[at + 1] ?? 0) >> 7));
  if ((value[0] ?? 0) >> 7 === 1) shifted[blockBytes - 1] = (shifted[blockBytes - 1] ?? 0) ^ 0x87;
  return shifted;
}

/** With a bit after it, and zeros up to a block. */
export function padded(part: Uint8Array): Uint8Array {
  const whole = new Uint8Array(blockBytes);
  whole.set(part);
  whole[part.length] = 0x80;
  return whole;
}

export function xor(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((byte, at) => byte ^ (other[at] ?? 0));
}
