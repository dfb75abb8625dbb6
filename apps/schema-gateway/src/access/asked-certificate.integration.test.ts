import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { schema } from '@penstock/contracts';
import { createRestRegistry } from '@penstock/schema';
import { createGrpcClient, readTls, type Tls } from '@penstock/service';
import { type CertificateFiles, type Certificates, createCertificates } from '@penstock/testing';
import { type AccessFolder, createAccessFolder } from '../testing/access-file.ts';
import { openGateway, ownTopics, type TestedGateway } from '../testing/open-gateway.ts';

/** Callers that may show a certificate, and may log in otherwise. */
let certificates: Certificates;
let folder: AccessFolder;
let gateway: TestedGateway;

beforeAll(async () => {
  certificates = createCertificates();
  folder = createAccessFolder();
  const grants = [{ role: 'writer', subjects: ['rooms.*'] }];
  folder.write({
    access: 1,
    principals: {
      ingestor: { certificates: ['CN=client', 'CN=stranger'], grants },
      laptop: { tokens: [token], grants },
    },
  });
  gateway = await openGateway({
    ...ownTopics(),
    PENSTOCK_ACCESS: folder.file,
    PENSTOCK_TLS_CERT: certificates.server.cert,
    PENSTOCK_TLS_KEY: certificates.server.key,
    PENSTOCK_TLS_CA: certificates.ca,
    PENSTOCK_TLS_CLIENT_AUTH: 'request',
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
  certificates[Symbol.dispose]();
});

const trusting = (): Tls | null => readTls({ tlsCa: certificates.ca, tlsCert: undefined, tlsKey: undefined });
const showing = ({ cert, key }: CertificateFiles): Tls | null => readTls({ tlsCa: certificates.ca, tlsCert: cert, tlsKey: key });
const token = 'a-token-of-sufficient-length';

async function outcomeOf(door: string, tls: Tls | null, login: { token?: string }): Promise<string> {
  const outcome = (asked: Promise<unknown>, code: (thrown: { code: string; facts: Record<string, unknown> }) => unknown) =>
    asked.then(
      () => 'may',
      (thrown) => String(code(thrown)),
    );
  if (door === 'rest') {
    const registry = createRestRegistry({ url: gateway.url, tls, login });
    const asked = registry.register('rooms.raw-value', { format: 'AVRO', text: '"string"' });
    return await outcome(asked, ({ facts }) => facts['errorCode']);
  }
  const authorization = (): string | null => (login.token === undefined ? null : `Bearer ${login.token}`);
  using client = createGrpcClient(schema.SchemaServiceClient, gateway.address, { tls, retries: 0, authorization });
  return await outcome(
    client.listVersions(schema.ListVersionsRequest.fromPartial({ subject: 'rooms.raw-value', deleted: true })),
    ({ code }) => code,
  );
}

test.each([
  ['a certificate that is trusted', () => showing(certificates.client), {}, ['may', 'may']],
  ['a token, and no certificate', trusting, { token }, ['may', 'may']],
  ['neither', trusting, {}, ['40101', 'access.unauthenticated']],
  ['a certificate of nobody who is trusted', () => showing(certificates.stranger), {}, ['40101', 'access.unauthenticated']],
  ['a token beside a certificate of nobody', () => showing(certificates.stranger), { token }, ['may', 'may']],
])('who shows %s', async (...[, tls, login, [rest, grpc]]) => {
  expect(await outcomeOf('rest', tls(), login)).toBe(rest);
  expect(await outcomeOf('grpc', tls(), login)).toBe(grpc);
});
