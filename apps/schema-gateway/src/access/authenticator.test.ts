import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Clock } from '@penstock/kernel';
import { hashPassword } from '@penstock/service';
import { parseAccessFile } from './access-file.ts';
import { Authenticator } from './authenticator.ts';
import { Directory } from './directory.ts';
import type { Identity } from './identity.ts';
import { TokenBuckets } from './token-buckets.ts';

let nowMs = 0;
const clock: Clock = { nowMs: () => nowMs, sleep: async () => undefined };
let hash = '';
let authenticator: Authenticator;

beforeAll(async () => {
  hash = await hashPassword('secret');
});
beforeEach(() => {
  nowMs = 1_000_000;
  const file = {
    access: 1,
    anonymous: [],
    principals: { ada: { password: hash }, robot: { tokens: ['a-token-of-some-length'] } },
    failedLoginsPerMinute: 3,
  };
  const directory = new Directory(
    parseAccessFile(JSON.stringify(file), 'access.yaml', (config) => config),
    () => '',
  );
  authenticator = new Authenticator(directory, clock, new TokenBuckets(clock));
});

const basic = (name: string, password: string): string => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
const identify = (authorization: string | undefined, peer = '10.0.0.1'): Identity | Promise<Identity> =>
  authenticator.identify({ authorization, certificate: () => null, peer });
/** Whatever was thrown, now or later. */
const attempt = async (authorization: string, peer?: string): Promise<Identity> => await identify(authorization, peer);

describe('a password', () => {
  test('is measured once, and then known at once, until it is believed no longer', async () => {
    const first = identify(basic('ada', 'secret'));
    expect(first).toBeInstanceOf(Promise);
    expect(identify(basic('ada', 'secret'))).toBe(first);
    expect((await first).name).toBe('ada');
    expect(identify(basic('ada', 'secret'))).toMatchObject({ name: 'ada' });
    nowMs += 300_001;
    expect(identify(basic('ada', 'secret'))).toBeInstanceOf(Promise);
  });

  test('that is right costs none of the attempts', async () => {
    for (let each = 0; each < 10; each += 1) {
      await attempt(basic('ada', 'secret'));
      nowMs += 300_001;
    }
  });

  test('that is wrong is counted by address, whatever the name; what is known still passes', async () => {
    await attempt(basic('ada', 'secret'));
    for (const name of ['ada', 'bob', 'eve']) {
      await expect(attempt(basic(name, 'guess'))).rejects.toMatchObject({ code: 'access.unauthenticated' });
    }
    await expect(attempt(basic('ada', 'another'))).rejects.toMatchObject({
      code: 'access.throttled',
      facts: { retryAfterMs: 20_000 },
    });
    await expect(attempt(basic('ada', 'another'), '10.0.0.2')).rejects.toMatchObject({ code: 'access.unauthenticated' });
    expect((await attempt(basic('ada', 'secret'))).name).toBe('ada');
    nowMs += 20_000;
    await expect(attempt(basic('ada', 'another'))).rejects.toMatchObject({ code: 'access.unauthenticated' });
  });

  test('tried a thousand times at once is counted before it is measured', async () => {
    const tries = Array.from({ length: 1_000 }, (_, each) =>
      attempt(basic('ada', `guess-${each}`)).catch((thrown: unknown) => thrown),
    );
    const codes = (await Promise.all(tries)).map((thrown) => (thrown as { code?: string }).code);
    expect(codes.filter((code) => code === 'access.unauthenticated')).toHaveLength(3);
    expect(codes.filter((code) => code === 'access.throttled')).toHaveLength(997);
  });
});

test.each([
  'Basic',
  'Basic !!!!',
  'Basic bm9jb2xvbg==',
  'Bearer wrong-token-wrong-token',
  'Bearer a.b.c',
  'Digest abc',
  'nonsense',
  `Bearer ${'x'.repeat(20_000)}`,
])('%.40j is nobody', async (authorization) => {
  await expect(attempt(authorization)).rejects.toMatchObject({ code: 'access.unauthenticated' });
});

test('a name that every object has is nobody', async () => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    await expect(attempt(basic(name, 'secret'), name)).rejects.toMatchObject({ code: 'access.unauthenticated' });
  }
});

test.each([
  ['principals: [', 'access.yaml'],
  ['access: 2', 'access: '],
  [
    'access: 1\nprincipals: { ada: { password: plain } }',
    'principals.ada.password: expected a hash as `penstock hash-password` prints it',
  ],
  ['access: 1\nprincipals: { ada: { grants: [{ role: owner }] } }', 'principals.ada.grants.0.role'],
  ['access: 1\nprincipals: { ada: { tokens: [short] } }', 'expected at least 16 characters'],
  ['access: 1\nprincipal: {}', 'principal'],
])('%j is refused with its reason, without the secret', (text, reason) => {
  const read = (): unknown => parseAccessFile(text, 'access.yaml', (config) => config);
  expect(read).toThrow(reason);
  expect(read).not.toThrow(/plain|short/);
});

test('a token of two principals is refused', () => {
  const tokens = ['a-token-of-some-length'];
  const text = JSON.stringify({ access: 1, principals: { ada: { tokens }, bob: { tokens } } });
  const file = parseAccessFile(text, 'access.yaml', (config) => config);
  expect(() => new Directory(file, () => '')).toThrow('principals.bob: its token is that of ada too');
});
