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
  const version = head.length < versionBytes || head[0] !== 0 ? 0 : head.readInt32BE(1);
  if (version < 1) throw new RangeError('the ciphertext does not name its key');
  return version;
}
