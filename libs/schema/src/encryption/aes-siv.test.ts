import { describe, expect, test } from '@jest/globals';
import { createSiv } from './aes-siv.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');

/** RFC 5297, appendix A. */
const vectors = [
  {
    name: 'A.1, with one associated string',
    key: 'fffefdfc fbfaf9f8 f7f6f5f4 f3f2f1f0 f0f1f2f3 f4f5f6f7 f8f9fafb fcfdfeff',
    associated: ['10111213 14151617 18191a1b 1c1d1e1f 20212223 24252627'],
    plain: '11223344 55667788 99aabbcc ddee',
    sealed: '85632d07 c6e8f37f 950acd32 0a2ecc93 40c02b96 90c4dc04 daef7f6a fe5c',
  },
  {
    name: 'A.2, with three',
    key: '7f7e7d7c 7b7a7978 77767574 73727170 40414243 44454647 48494a4b 4c4d4e4f',
    associated: [
      '00112233 44556677 8899aabb ccddeeff deaddada deaddada ffeeddcc bbaa9988 77665544 33221100',
      '10203040 50607080 90a0',
      '09f91102 9d74e35b d84156c5 635688c0',
    ],
    plain: '74686973 20697320 736f6d65 20706c61 696e7465 78742074 6f20656e 63727970 74207573 696e6720 5349562d 414553',
    sealed:
      '7bdb6e3b 432667eb 06f4d14b ff2fbd0f cb900f2f ddbe4043 26601965 c889bf17 dba77ceb 094fa663 b7a3f748 ba8af829 ea64ad54 4a272e9c 485b62a3 fd5c0d',
  },
];

describe('AES-SIV', () => {
  test.each(vectors)('gives what the RFC says: $name', ({ key, associated, plain, sealed }) => {
    const siv = createSiv(bytes(key), associated.map(bytes));
    expect(siv.encrypt(bytes(plain)).toString('hex')).toBe(bytes(sealed).toString('hex'));
    expect(siv.decrypt(bytes(sealed))).toEqual(bytes(plain));
  });

  test('refuses another key, a changed bit wherever it is, and what is too short', () => {
    const siv = createSiv(Buffer.alloc(64, 7));
    const sealed = siv.encrypt(Buffer.from('room 101'));
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => siv.decrypt(changed)).toThrow(RangeError);
    }
    expect(() => createSiv(Buffer.alloc(64, 8)).decrypt(sealed)).toThrow(RangeError);
    expect(() => siv.decrypt(sealed.subarray(0, 15))).toThrow('too short');
  });
});
