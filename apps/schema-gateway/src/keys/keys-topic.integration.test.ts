import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask, openGateway, ownTopics, type RestAnswer, type TestedGateway } from '../testing/open-gateway.ts';
import { readAudit } from '../testing/read-audit.ts';
import { readTopic, type TextRecord, writeTopic } from '../testing/topic-text.ts';

const keks = '/dek-registry/v1/keks';
type Asked = Pick<TestedGateway, 'url'>;

function call({ url }: Asked, line: string, body?: unknown): Promise<RestAnswer> {
  const [method, path = ''] = line.split(' ');
  return ask(url, `${method} ${keks}${path}`, { body });
}

const topicOf = (topics: NodeJS.ProcessEnv): string => String(topics['PENSTOCK_KEYS_TOPIC']);

describe('the topic', () => {
  const kekKey = '{"tenant":"default","name":"rooms","type":"KEK"}';
  const dekKey = '{"tenant":"default","kekName":"rooms","subject":":.lab:raw","algorithm":"AES256_SIV","version":2,"type":"DEK"}';
  const kek =
    '{"name":"rooms","kmsType":"aws-kms","kmsKeyId":"arn:aws:kms:x","kmsProps":{"a":"1","b":"2"},"doc":"d","shared":false,';
  const dek = '{"kekName":"rooms","subject":":.lab:raw","algorithm":"AES256_SIV","version":2,"encryptedKeyMaterial":"d3JhcA==",';
  const isGone = (deleted: boolean, type: string): string => `"deleted":${deleted},"type":"${type}"}`;

  test('holds what Confluent would have written, byte for byte', async () => {
    const topics = ownTopics();
    await using gateway = await openGateway(topics);
    const props = { b: '2', a: '1' };
    await call(gateway, 'POST ', { name: 'rooms', kmsType: 'aws-kms', kmsKeyId: 'arn:aws:kms:x', kmsProps: props, doc: 'd' });
    const body = { algorithm: 'AES256_SIV', version: 2, encryptedKeyMaterial: 'd3JhcA==' };
    await call(gateway, 'POST /rooms/deks/:.lab:raw', body);
    await call(gateway, 'DELETE /rooms/deks/:.lab:raw?algorithm=AES256_SIV');
    await call(gateway, 'DELETE /rooms');
    await call(gateway, 'POST /rooms/undelete');
    await call(gateway, 'DELETE /rooms/deks/:.lab:raw?algorithm=AES256_SIV&permanent=true');
    expect(await readTopic(topicOf(topics))).toEqual([
      [kekKey, kek + isGone(false, 'KEK')],
      [dekKey, dek + isGone(false, 'DEK')],
      [dekKey, dek + isGone(true, 'DEK')],
      [kekKey, kek + isGone(true, 'KEK')],
      [kekKey, kek + isGone(false, 'KEK')],
      [dekKey, null],
    ]);
  });

  const ofConfluent: readonly TextRecord[] = [
    [kekKey, kek + isGone(false, 'KEK')],
    ['{"tenant":"default","name":"gone","type":"KEK"}', kek.replace('rooms', 'gone') + isGone(false, 'KEK')],
    ['{"tenant":"default","name":"gone","type":"KEK"}', null],
    ['{"tenant":"lkc-other","name":"theirs","type":"KEK"}', kek.replace('rooms', 'theirs') + isGone(false, 'KEK')],
    [dekKey, dek + isGone(false, 'DEK')],
    [
      '{"tenant":"default","kekName":"rooms","subject":"raw","algorithm":"AES256_GCM","version":1,"type":"DEK"}',
      '{"kekName":"rooms","subject":"raw","algorithm":"AES256_GCM","version":1,"encryptedKeyMaterial":"d3JhcA==","deleted":true,"type":"DEK"}',
    ],
    // With properties of a later day, and in another order.
    [
      '{"type":"KEK","tenant":"default","name":"halls","region":"eu"}',
      '{"type":"KEK","name":"halls","kmsType":"gcp-kms","kmsKeyId":"projects/x","region":"eu"}',
    ],
    ['not JSON', 'nor this'],
  ];

  test('of Confluent is taken over, and goes on where it was', async () => {
    const topics = ownTopics();
    await writeTopic(topicOf(topics), ofConfluent);
    await using gateway = await openGateway(topics);
    const get = async (path: string): Promise<unknown> => (await call(gateway, `GET ${path}`)).body;
    expect(await get('')).toEqual(['halls', 'rooms']);
    expect(await get('/rooms/deks')).toEqual([':.lab:raw']);
    expect(await get('/rooms/deks?deleted=true')).toEqual([':.lab:raw', 'raw']);
    expect(await get('/rooms/deks/:.lab:raw/versions/-1?algorithm=AES256_SIV')).toMatchObject({
      version: 2,
      ts: expect.any(Number),
    });
    expect(gateway.lines.filter(({ event }) => event === 'gateway.unreadable-record')).toHaveLength(1);
    await call(gateway, 'PUT /halls', { doc: 'moved' });
    await call(gateway, 'POST /rooms/deks/raw/undelete');
    expect((await readTopic(topicOf(topics))).slice(ofConfluent.length)).toEqual([
      [
        '{"type":"KEK","tenant":"default","name":"halls","region":"eu"}',
        '{"name":"halls","kmsType":"gcp-kms","kmsKeyId":"projects/x","kmsProps":{},"doc":"moved","shared":false,"deleted":false,"type":"KEK"}',
      ],
      [ofConfluent[5]?.[0], ofConfluent[5]?.[1]?.replace('true', 'false')],
    ]);
  });
});

describe('two gateways', () => {
  const topics = ownTopics();
  let one: TestedGateway;
  let other: TestedGateway;
  beforeAll(async () => {
    one = await openGateway(topics);
    other = await openGateway(topics);
  });
  afterAll(async () => {
    await Promise.all([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
  });
  const shared = { kmsType: 'local-kms', kmsKeyId: 'any', shared: true, kmsProps: { secret: 'mysecret' } };
  const both = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? () => one : () => other));

  test('create a key that many ask for at once, once', async () => {
    const created = await Promise.all(both.map((gateway) => call(gateway(), 'POST ', { name: 'rooms', ...shared })));
    const answers = created.filter(({ status }) => status === 200).map(({ text }) => text);
    // Whose own record was overtaken by one that says the same is told that it is there.
    expect(new Set(answers).size).toBe(1);
    expect(created.filter(({ status }) => status === 409)).toHaveLength(both.length - answers.length);
    const made = await Promise.all(both.map((gateway) => call(gateway(), 'POST /rooms/deks/raw', {})));
    expect(made.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 409)]);
    const keys = new Set(made.filter(({ status }) => status === 200).map(({ text }) => text));
    const found = await Promise.all([one, other].map((gateway) => call(gateway, 'GET /rooms/deks/raw')));
    expect(new Set(found.map(({ text }) => text))).toEqual(keys);
    expect(await readTopic(topicOf(topics))).toHaveLength(2);
  });

  test('know at once what the other one answered', async () => {
    const names = Array.from({ length: 100 }, (_, round) => `kek${round}`);
    for (const name of names) {
      await call(one, 'POST ', { name, ...shared });
      expect((await call(other, `GET /${name}`)).status).toBe(200);
    }
    for (const name of names) {
      const dek = await call(other, `POST /${name}/deks/raw`, {});
      expect((await call(one, `GET /${name}/deks/raw`)).text).toBe(dek.text);
    }
  });

  test('write who changed what, and neither key nor secret', async () => {
    const records = (await readAudit(String(topics['PENSTOCK_AUDIT_TOPIC']))).filter(({ kek }) => kek === 'rooms');
    expect(records).toMatchObject([
      { action: 'kek.create', principal: 'anonymous', after: { kmsType: 'local-kms', kmsProps: ['secret'], shared: true } },
      { action: 'dek.create', subject: 'raw', version: 1, algorithm: 'AES256_GCM' },
    ]);
    expect(JSON.stringify(records)).not.toMatch(/mysecret|Material/);
  });
});
