import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { health } from '@penstock/contracts';
import { type CertificateFiles, type Certificates, createCertificates } from '@penstock/testing';
import { createGrpcClient } from './grpc/client.ts';
import { type OpenService, openService } from './open-service.ts';
import { sample } from './testing/sample-service.ts';
import { readTls, type Tls } from './tls.ts';

const { SERVING } = health.HealthCheckResponse_ServingStatus;
let certificates: Certificates;

beforeAll(() => {
  certificates = createCertificates();
});

afterAll(() => certificates[Symbol.dispose]());

const open = (env: Readonly<Record<string, string>>): Promise<OpenService> =>
  openService(sample, { env, write: () => undefined });

function envOf({ cert, key }: CertificateFiles, clientAuth: 'none' | 'request' | 'require'): Record<string, string> {
  return {
    PENSTOCK_TLS_CERT: cert,
    PENSTOCK_TLS_KEY: key,
    PENSTOCK_TLS_CA: certificates.ca,
    PENSTOCK_TLS_CLIENT_AUTH: clientAuth,
  };
}

async function ask(address: string, tls: Tls | null): Promise<number> {
  using client = createGrpcClient(health.HealthClient, address, { tls, retries: 0, deadlineMs: 3_000 });
  return (await client.check({ service: '' })).status;
}

const trusting = (): Tls | null => readTls({ tlsCa: certificates.ca, tlsCert: undefined, tlsKey: undefined });
const showing = ({ cert, key }: CertificateFiles): Tls | null => readTls({ tlsCa: certificates.ca, tlsCert: cert, tlsKey: key });

describe('TLS', () => {
  test('encrypts, and a caller that does not trust the certificate or speaks plain text gets nowhere', async () => {
    await using service = await open(envOf(certificates.server, 'none'));
    expect(service.healthAddress).toBe(service.address);
    expect(await ask(service.address, trusting())).toBe(SERVING);
    await expect(ask(service.address, null)).rejects.toMatchObject({ kind: { status: 'UNAVAILABLE' } });
    const other = readTls({ tlsCa: certificates.stranger.cert, tlsCert: undefined, tlsKey: undefined });
    await expect(ask(service.address, other)).rejects.toMatchObject({ kind: { status: 'UNAVAILABLE' } });
  });

  test('with client authentication a caller without a trusted certificate is refused, and health has a plain door', async () => {
    await using service = await open(envOf(certificates.server, 'require'));
    expect(await ask(service.address, showing(certificates.client))).toBe(SERVING);
    await expect(ask(service.address, trusting())).rejects.toMatchObject({ kind: { status: 'UNAVAILABLE' } });
    await expect(ask(service.address, showing(certificates.stranger))).rejects.toMatchObject({ kind: { status: 'UNAVAILABLE' } });
    expect(service.healthAddress).not.toBe(service.address);
    expect(await ask(service.healthAddress, null)).toBe(SERVING);
  });
});

test('who is asked for a certificate may have none, and health needs no door of its own', async () => {
  await using service = await open(envOf(certificates.server, 'request'));
  expect(service.healthAddress).toBe(service.address);
  for (const shown of [trusting(), showing(certificates.client), showing(certificates.stranger)])
    expect(await ask(service.address, shown)).toBe(SERVING);
  await expect(ask(service.address, null)).rejects.toMatchObject({ kind: { status: 'UNAVAILABLE' } });
});

describe('settings that do not fit', () => {
  test.each([
    [{ PENSTOCK_TLS_CERT: 'a.crt' }, 'PENSTOCK_TLS_KEY: expected the file that belongs to PENSTOCK_TLS_CERT, got nothing'],
    [{ PENSTOCK_TLS_CLIENT_AUTH: 'require' }, 'PENSTOCK_TLS_CA: expected the authorities of callers'],
    [{ PENSTOCK_TLS_CLIENT_AUTH: 'request' }, 'PENSTOCK_TLS_CA: expected the authorities of callers, who may show one'],
    [{ PENSTOCK_TLS_CA: '/nowhere/ca.pem' }, 'PENSTOCK_TLS_CA: expected a PEM file that can be read, got /nowhere/ca.pem'],
  ])('%j', async (env, message) => {
    await expect(open(env)).rejects.toThrow(message);
  });

  test('authorities without a certificate of its own', async () => {
    const env = { PENSTOCK_TLS_CA: certificates.ca, PENSTOCK_TLS_CLIENT_AUTH: 'require' };
    await expect(open(env)).rejects.toThrow('PENSTOCK_TLS_CERT: expected a certificate, as callers must show one, got nothing');
  });

  test('a file that holds no certificate', async () => {
    const env = { PENSTOCK_TLS_CERT: import.meta.filename, PENSTOCK_TLS_KEY: certificates.server.key };
    await expect(open(env)).rejects.toMatchObject({ code: 'service.wrong-tls' });
  });
});
