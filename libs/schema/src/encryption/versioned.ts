/** A zero and the version of the key, as four bytes. */
export const versionBytes = 5;

export function versioned(version: number, sealed: Uint8Array): Buffer {
  const head = Buffer.alloc(versionBytes);
  head.writeInt32BE(version, 1);
  return Buffer.concat([head, sealed]);
}

/** Throws where there is none. */
export function versionIn(sealed: Uint8Array): number {
  const head = Buffer.from(sealed.subarray(0, versionBytes));
  if (head.length < versionBytes || head[0] !== 0) throw new RangeError('the ciphertext does not name its key');
  return head.readInt32BE(1);
}
