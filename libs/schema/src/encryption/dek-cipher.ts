/** A data key that is open. It throws a plain error where bytes are not of it, which never shows them. */
export interface DekCipher {
  encrypt(plain: Uint8Array): Buffer;
  decrypt(sealed: Uint8Array): Buffer;
}
