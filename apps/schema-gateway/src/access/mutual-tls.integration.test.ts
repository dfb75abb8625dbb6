import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { schema } from '@penstock/contracts';
import { createRestRegistry } from '@penstock/schema';
import { createGrpcClient, readTls, type Tls } from '@penstock/service';
import { type CertificateFiles, type Certificates, createCertificates } from '@penstock/testing';
import { type AccessFolder, createAccessFolder } from '../testing/access-file.ts';
import { openGateway, ownTopics, type TestedGateway } from '../testing/open-gateway.ts';
import { readAudit } from '../testing/read-audit.ts';

/** Callers that show a certificate, at both doors. */
const topics = ownTopics();
const draft = { format: 'AVRO', text: '"string"' } as const;
let certificates: Certificates;
let folder: AccessFolder;
let gateway: TestedGateway;

beforeAll(async () => {
  certificates = createCertificates();
  folder = createAccessFolder();
  folder.write({
    access: 1,
    principals: { ingestor: { certificates: ['CN=client'], grants: [{ role: 'writer', subjects: ['rooms.*'] }] } },
  });
  gateway = await openGateway({
    ...topics,
    PENSTOCK_ACCESS: folder.file,
    PENSTOCK_TLS_CERT: certificates.server.cert,
    PENSTOCK_TLS_KEY: certificates.server.key,
    PENSTOCK_TLS_CA: certificates.ca,
    PENSTOCK_TLS_CLIENT_AUTH: 'require',
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
  certificates[Symbol.dispose]();
});

const showing = ({ cert, key }: CertificateFiles): Tls | null => readTls({ tlsCa: certificates.ca, tlsCert: cert, tlsKey: key });

test('our client registers and reads by its certificate, as far as that may', async () => {
  const registry = createRestRegistry({ url: gateway.url, tls: showing(certificates.client) });
  const id = await registry.register('rooms.raw-value', draft);
  expect(await registry.schema(id)).toMatchObject({ format: 'AVRO' });
  await expect(registry.register('secret-value', draft)).rejects.toMatchObject({ facts: { status: 403, errorCode: 40_301 } });
});

test('a certificate of the right authority that belongs to nobody is nobody', async () => {
  const registry = createRestRegistry({ url: gateway.url, tls: showing(certificates.server) });
  await expect(registry.schema(1)).rejects.toMatchObject({ facts: { status: 401, errorCode: 40_101 } });
});

test.each([
  ['of nobody', () => certificates.stranger],
  ['none', () => null],
])('a certificate %s does not get as far as to be asked', async (_, files) => {
  const shown = files();
  const identity = shown === null ? {} : { cert: readFileSync(shown.cert), key: readFileSync(shown.key) };
  const outcome = await new Promise<string>((resolve) => {
    const sent = request(`${gateway.url}/subjects`, { ca: readFileSync(certificates.ca), ...identity }, ({ statusCode }) =>
      resolve(String(statusCode)),
    );
    sent.on('error', () => resolve('refused'));
    sent.end();
  });
  expect(outcome).toBe('refused');
});

test('over gRPC the certificate says who asks, and the audit who it was', async () => {
  using client = createGrpcClient(schema.SchemaServiceClient, gateway.address, { tls: showing(certificates.client), retries: 0 });
  const asked = { subject: 'rooms.more-value', schema: { format: schema.SchemaFormat.AVRO, text: '"long"', references: [] } };
  expect(await client.register({ ...asked, normalize: false, dryRun: false, overrideReason: '' })).toMatchObject({ version: 1 });
  await expect(client.deleteSubject({ subject: 'rooms.more-value', permanent: true })).rejects.toMatchObject({
    code: 'access.denied',
  });
  const records = await readAudit(String(topics['PENSTOCK_AUDIT_TOPIC']));
  const made = { principal: 'ingestor', peer: '127.0.0.1', action: 'schema.register', outcome: 'done' };
  expect(records).toContainEqual(expect.objectContaining({ ...made, door: 'rest', subject: 'rooms.raw-value' }));
  expect(records).toContainEqual(expect.objectContaining({ ...made, door: 'grpc', subject: 'rooms.more-value' }));
});
