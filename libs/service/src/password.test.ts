import { expect, test } from '@jest/globals';
import { hashPassword, isPassword, parsePasswordHash } from './password.ts';

test('a password is known again, and no other one', async () => {
  const hashed = await hashPassword('correct horse');
  expect(hashed).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$/);
  expect(await isPassword('correct horse', hashed)).toBe(true);
  expect(await isPassword('correct horses', hashed)).toBe(false);
  expect(await hashPassword('correct horse')).not.toBe(hashed);
});

test('the test vector of RFC 7914 has the hash that the RFC gives', async () => {
  const hex =
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887';
  const [salt, hash] = [Buffer.from('SodiumChloride'), Buffer.from(hex, 'hex')].map((bytes) =>
    bytes.toString('base64').replace(/=+$/, ''),
  );
  expect(await isPassword('pleaseletmein', `$scrypt$ln=14,r=8,p=1$${salt}$${hash}`)).toBe(true);
});

test.each(['', 'secret', '$2b$10$abcdefghijklmnopqrstuv', '$scrypt$ln=31,r=8,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2g'])(
  '%j is no hash',
  async (hashed) => {
    expect(parsePasswordHash(hashed)).toBe(null);
    expect(await isPassword('secret', hashed)).toBe(false);
  },
);
