import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomName, until } from '@penstock/testing';
import { type AccessFolder, createAccessFolder } from '../testing/access-file.ts';
import { ask, openGateway, ownTopics, type RestAnswer, type TestedGateway } from '../testing/open-gateway.ts';
import { readAudit } from '../testing/read-audit.ts';

/** Who may do what to keys: where they lie, and in front of another registry. */
const frontTopics = ownTopics();
let folder: AccessFolder;
let own: TestedGateway;
let upstream: TestedGateway;
let front: TestedGateway;

beforeAll(async () => {
  folder = createAccessFolder();
  const principal = (role: string, subjects?: string[]): object => ({
    ...{ tokens: [`${role}-${role}-${role}`], grants: [{ role, ...(subjects === undefined ? {} : { subjects }) }] },
  });
  const rooms = ['rooms*'];
  folder.write({
    access: 1,
    principals: {
      admin: principal('admin'),
      viewer: principal('viewer', rooms),
      reader: principal('reader', rooms),
      writer: principal('writer', rooms),
    },
  });
  own = await openGateway({ ...ownTopics(), PENSTOCK_ACCESS: folder.file });
  upstream = await openGateway();
  const env = { PENSTOCK_UPSTREAM: upstream.url, PENSTOCK_UPSTREAM_TOPIC: randomName('upstream'), PENSTOCK_ACCESS: folder.file };
  front = await openGateway({ ...frontTopics, ...env });
});
afterAll(async () => {
  await Promise.all([own, front, upstream].map((gateway) => gateway[Symbol.asyncDispose]()));
  folder[Symbol.dispose]();
});

const bodies: Readonly<Record<string, object>> = {
  'POST ': { name: 'shared', kmsType: 'local-kms', kmsKeyId: 'any', shared: true, kmsProps: { secret: 's' } },
  'PUT /shared': { doc: 'd' },
};
type Asking = (role: string, line: string, body?: object) => Promise<RestAnswer>;

/** Asks with what the path needs, unless something is given. */
function at({ url }: TestedGateway): Asking {
  return (role, line, given) => {
    const [method = '', path = ''] = line.split(' ');
    const headers = { authorization: `Bearer ${role}-${role}-${role}` };
    const needsBody = method === 'POST' || method === 'PUT';
    const body = given ?? (needsBody ? (bodies[line] ?? {}) : undefined);
    return ask(url, `${method} /dek-registry/v1/keks${path}`, { headers, ...(body === undefined ? {} : { body }) });
  };
}

/** In this order, each as one after the other asks it. */
const asked = ({ list, kek }: { list: number; kek: number }): readonly (readonly [string, ...number[]])[] => [
  // line, viewer, reader, writer, admin
  ['POST ', 403, 403, 403, 200],
  ['GET /shared', kek, 200, 200, 200],
  ['GET ', list, list, list, 200],
  ['PUT /shared', 403, 403, 403, 200],
  ['POST /shared/test', 403, 403, 403, 200],
  ['POST /shared/deks/rooms.raw', 403, 403, 200, 409],
  ['POST /shared/deks/halls.raw', 403, 403, 403, 200],
  ['POST /shared/deks/rooms.raw?rewrap=true', 403, 403, 403, 200],
  ['GET /shared/deks/rooms.raw', 403, 200, 200, 200],
  ['GET /shared/deks/rooms.raw/versions/latest', 403, 200, 200, 200],
  ['GET /shared/deks/rooms.raw/versions', 200, 200, 200, 200],
  ['GET /shared/deks/halls.raw', 403, 403, 403, 200],
  ['DELETE /shared/deks/rooms.raw', 403, 403, 204, 204],
  ['POST /shared/deks/rooms.raw/undelete', 403, 403, 204, 204],
  ['DELETE /shared/deks/rooms.raw/versions/1?permanent=true', 403, 403, 403, 404],
  ['DELETE /shared', 403, 403, 403, 422],
  ['POST /shared/undelete', 403, 403, 403, 204],
];

describe.each([
  ['where they lie', () => own, { list: 200, kek: 200 }],
  ['in front of another registry', () => front, { list: 403, kek: 403 }],
] as const)('rights on keys %s', (_, gateway, differs) => {
  test('are those of their subjects; KEKs are for whoever may do everything', async () => {
    for (const [line, ...statuses] of asked(differs)) {
      const found: number[] = [];
      for (const role of ['viewer', 'reader', 'writer', 'admin']) found.push((await at(gateway())(role, line)).status);
      expect([line, ...found]).toEqual([line, ...statuses]);
    }
  });

  test('are asked for the subject in the body, too', async () => {
    const line = 'POST /shared/deks';
    expect((await at(gateway())('writer', line, { subject: 'halls.other' })).status).toBe(403);
    expect((await at(gateway())('writer', line, { subject: 'rooms.other' })).status).toBe(200);
    expect((await at(gateway())('reader', line, { subject: 'rooms.more' })).status).toBe(403);
  });
});

test('how to log in at the KMS of a shared KEK is told to whoever may write it', async () => {
  expect((await at(own)('writer', 'GET /shared')).body).toMatchObject({ shared: true, kmsProps: {} });
  expect((await at(own)('admin', 'GET /shared')).body).toMatchObject({ kmsProps: { secret: 's' } });
});

test('lists show what one may see', async () => {
  expect((await at(own)('viewer', 'GET /shared/deks')).body).toEqual(['rooms.other', 'rooms.raw']);
  expect((await at(own)('viewer', 'GET ?subjectPrefix=halls')).body).toEqual([]);
  expect((await at(own)('admin', 'GET ?subjectPrefix=halls')).body).toEqual(['shared']);
});

test('what was done upstream is noted here', async () => {
  const noted = async () =>
    (await readAudit(String(frontTopics['PENSTOCK_AUDIT_TOPIC']))).find(
      ({ action, outcome }) => action === 'POST /dek-registry/v1/keks/:name/deks/:subject' && outcome === 'done',
    );
  const record = await until(noted, { deadlineMs: 5_000, what: 'the record of the audit' });
  expect(record).toMatchObject({ principal: 'writer', subject: 'rooms.raw' });
  expect((await ask(upstream.url, 'GET /dek-registry/v1/keks')).body).toEqual(['shared']);
});
