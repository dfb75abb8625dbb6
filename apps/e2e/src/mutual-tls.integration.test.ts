import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { health, stages } from '@penstock/contracts';
import { createGrpcClient, readTls, type Tls } from '@penstock/service';
import { brokers, type CertificateFiles, type Certificates, createCertificates } from '@penstock/testing';

const { SERVING } = health.HealthCheckResponse_ServingStatus;
const entry = join(import.meta.dirname, '../../preprocessor/src/main.ts');
const refused = { kind: { status: 'UNAVAILABLE' } };

let certificates: Certificates;
let service: ChildProcess;
let address = '';
let healthAddress = '';

beforeAll(async () => {
  certificates = createCertificates();
  const env = {
    PATH: process.env['PATH'],
    PENSTOCK_KAFKA: brokers().kafka,
    PENSTOCK_REGISTRY: 'http://127.0.0.1:9',
    PENSTOCK_TLS_CERT: certificates.server.cert,
    PENSTOCK_TLS_KEY: certificates.server.key,
    PENSTOCK_TLS_CA: certificates.ca,
    PENSTOCK_TLS_CLIENT_AUTH: 'require',
  };
  service = spawn(process.execPath, [entry], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: service.stdout ?? process.stdin })) {
    const said = JSON.parse(line) as { event: string; grpc: string; health: string };
    if (said.event !== 'service.ready') continue;
    address = said.grpc;
    healthAddress = said.health;
    break;
  }
}, 20_000);

afterAll(async () => {
  service.kill('SIGTERM');
  if (service.exitCode === null) await once(service, 'exit');
  certificates[Symbol.dispose]();
});

async function ask(tls: Tls | null): Promise<stages.ListStagesResponse> {
  using client = createGrpcClient(stages.StagesServiceClient, address, { tls, retries: 0, deadlineMs: 5_000 });
  return await client.listStages({ pipeline: 'none' });
}

const showing = ({ cert, key }: CertificateFiles): Tls | null => readTls({ tlsCa: certificates.ca, tlsCert: cert, tlsKey: key });

test('a caller that shows a certificate of the right authority is answered', async () => {
  expect(await ask(showing(certificates.client))).toEqual({ stages: [] });
});

test.each([
  ['no certificate', () => readTls({ tlsCa: certificates.ca, tlsCert: undefined, tlsKey: undefined })],
  ['a certificate of nobody', () => showing(certificates.stranger)],
  ['plain text', () => null],
])('a caller with %s is refused', async (_, tls) => {
  await expect(ask(tls())).rejects.toMatchObject(refused);
});

test('health is asked at a plain door, which answers nothing else', async () => {
  using probe = createGrpcClient(health.HealthClient, healthAddress, { retries: 0 });
  expect(await probe.check({ service: '' })).toEqual({ status: SERVING });
  using curious = createGrpcClient(stages.StagesServiceClient, healthAddress, { retries: 0 });
  await expect(curious.listStages({ pipeline: '' })).rejects.toMatchObject({ code: 'grpc.unimplemented' });
});
