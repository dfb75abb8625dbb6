import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { authorizationOf, splitLogin } from './login.ts';

test('a token goes before a name, and nothing is sent where nothing is set', () => {
  expect(authorizationOf({})).toBe(null);
  expect(authorizationOf({ user: 'ada', password: 'p:w' })).toBe('Basic YWRhOnA6dw==');
  expect(authorizationOf({ user: 'ada', password: 'p', token: 't' })).toBe('Bearer t');
});

test('a secret in a file is read each time', () => {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-login-'));
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'first\n');
  expect(authorizationOf({ tokenFile })).toBe('Bearer first');
  writeFileSync(tokenFile, 'second\n');
  expect(authorizationOf({ tokenFile })).toBe('Bearer second');
  rmSync(folder, { recursive: true });
  expect(() => authorizationOf({ tokenFile })).toThrow(`the secret in ${tokenFile} cannot be read`);
});

test('an address is parted from what it carries', () => {
  expect(splitLogin('http://127.0.0.1:8081')).toEqual({ url: 'http://127.0.0.1:8081', login: {} });
  expect(splitLogin('https://ada:p%40w@registry:8081/base')).toEqual({
    url: 'https://registry:8081/base',
    login: { user: 'ada', password: 'p@w' },
  });
});
