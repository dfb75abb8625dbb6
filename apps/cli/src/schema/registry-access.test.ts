import { expect, test } from '@jest/globals';
import { accessTo } from './registry-access.ts';

const env = {
  PENSTOCK_REGISTRY: 'https://registry.lab:8081/api',
  PENSTOCK_REGISTRY_USER: 'anna',
  PENSTOCK_REGISTRY_PASSWORD: 's',
};
const asking = { env, folder: '/nowhere', isTrusted: false };

test.each(['https://registry.lab:8081/api', 'https://registry.lab:8081/api/', 'https://registry.lab:8081/api/team'])(
  'the registry that the environment names gets its login (%s)',
  (registry) => {
    expect(accessTo(registry, asking)).toMatchObject({ login: { user: 'anna', password: 's' }, withheld: [] });
  },
);

test.each([
  'http://registry.lab:8081/api',
  'https://registry.lab:8082/api',
  'https://registry.lab.evil:8081/api',
  'https://registry.lab:8081/apis',
  'https://registry.lab:8081@evil/api',
])('any other gets nothing, which is said (%s)', (registry) => {
  const { login, withheld } = accessTo(registry, asking);
  expect(Object.values(login).filter((value) => value !== undefined)).toEqual([]);
  expect(withheld).toEqual(['PENSTOCK_REGISTRY_USER', 'PENSTOCK_REGISTRY_PASSWORD']);
});

test('any other gets it when that is said, and none where no address is named', () => {
  expect(accessTo('http://other', { ...asking, isTrusted: true })).toMatchObject({ login: { user: 'anna' }, withheld: [] });
  const nameless = { ...asking, env: { ...env, PENSTOCK_REGISTRY: '' } };
  expect(accessTo('http://other', nameless).login.user).toBeUndefined();
});

test('a certificate of one’s own is shown to nobody else', () => {
  const own = { ...env, PENSTOCK_TLS_CERT: '/nowhere/a.crt', PENSTOCK_TLS_KEY: '/nowhere/a.key' };
  expect(accessTo('https://other', { ...asking, env: own })).toMatchObject({ tls: null });
  expect(accessTo('https://other', { ...asking, env: own }).withheld).toContain('PENSTOCK_TLS_CERT');
  expect(() => accessTo('https://registry.lab:8081/api', { ...asking, env: own })).toThrow('PENSTOCK_TLS_CERT');
});
