import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deleteTopics, ensureTopics, type Kafka, openKafka, openPublisher, readRange } from '@penstock/kafka';
import { schemaGateway } from '@penstock/schema-gateway';
import { openService } from '@penstock/service';
import { brokers, randomName } from '@penstock/testing';

/** A topic as Confluent's registry 7.x leaves it behind, each record as it stands there. */
const recordsOfConfluent: readonly (readonly [key: string, value: string | null])[] = [
  ['{"keytype":"NOOP","magic":0}', null],
  ['{"keytype":"CONFIG","subject":null,"magic":0}', '{"compatibilityLevel":"FORWARD"}'],
  ['{"keytype":"CONTEXT","tenant":"default","context":".lab","magic":0}', '{"tenant":"default","context":".lab"}'],
  ['{"keytype":"CONTEXT","tenant":"default","context":".empty","magic":0}', '{"tenant":"default","context":".empty"}'],
  [
    '{"keytype":"SCHEMA","subject":"orders-value","version":1,"magic":1}',
    '{"subject":"orders-value","version":1,"id":1,"schema":"{\\"type\\":\\"record\\",\\"name\\":\\"Order\\",\\"namespace\\":\\"shop\\",\\"fields\\":[{\\"name\\":\\"id\\",\\"type\\":\\"long\\"}]}","deleted":false}',
  ],
  [
    '{"keytype":"SCHEMA","subject":"orders-value","version":2,"magic":1}',
    '{"subject":"orders-value","version":2,"id":3,"md5":"3PpgxkBxzJhYtbnTq0vhLA==","schema":"{\\"type\\":\\"record\\",\\"name\\":\\"Order\\",\\"namespace\\":\\"shop\\",\\"fields\\":[{\\"name\\":\\"id\\",\\"type\\":\\"long\\"},{\\"name\\":\\"note\\",\\"type\\":\\"string\\",\\"default\\":\\"\\"}]}","deleted":false,"ts":1763000000000}',
  ],
  [
    '{"keytype":"SCHEMA","subject":"money","version":1,"magic":1}',
    '{"subject":"money","version":1,"id":4,"schemaType":"PROTOBUF","schema":"syntax = \\"proto3\\";\\npackage shop;\\n\\nmessage Money {\\n  int64 cents = 1;\\n}\\n","deleted":false}',
  ],
  [
    '{"keytype":"SCHEMA","subject":"bills-value","version":1,"magic":1}',
    '{"subject":"bills-value","version":1,"id":5,"schemaType":"PROTOBUF","references":[{"name":"money.proto","subject":"money","version":1}],"schema":"syntax = \\"proto3\\";\\npackage shop;\\n\\nimport \\"money.proto\\";\\n\\nmessage Bill {\\n  Money total = 1;\\n}\\n","deleted":false}',
  ],
  [
    '{"keytype":"SCHEMA","subject":"notes-value","version":1,"magic":1}',
    '{"subject":"notes-value","version":1,"id":6,"schemaType":"JSON","metadata":{"properties":{"owner":"shop"}},"schema":"{\\"type\\":\\"object\\",\\"properties\\":{\\"text\\":{\\"type\\":\\"string\\"}}}","deleted":false}',
  ],
  // The same schema in another subject has the same id.
  [
    '{"keytype":"SCHEMA","subject":"orders-copy","version":1,"magic":1}',
    '{"subject":"orders-copy","version":1,"id":1,"schema":"{\\"type\\":\\"record\\",\\"name\\":\\"Order\\",\\"namespace\\":\\"shop\\",\\"fields\\":[{\\"name\\":\\"id\\",\\"type\\":\\"long\\"}]}","deleted":false}',
  ],
  ['{"keytype":"CONFIG","subject":"notes-value","magic":0}', '{"compatibilityLevel":"NONE","compatibilityGroup":"major"}'],
  ['{"keytype":"MODE","subject":"orders-copy","magic":0}', '{"mode":"READONLY"}'],
  // Softly deleted, one by one and as a whole.
  [
    '{"keytype":"SCHEMA","subject":"gone-value","version":1,"magic":1}',
    '{"subject":"gone-value","version":1,"id":7,"schema":"\\"int\\"","deleted":false}',
  ],
  [
    '{"keytype":"SCHEMA","subject":"gone-value","version":1,"magic":1}',
    '{"subject":"gone-value","version":1,"id":7,"schema":"\\"int\\"","deleted":true}',
  ],
  [
    '{"keytype":"SCHEMA","subject":"left-value","version":1,"magic":1}',
    '{"subject":"left-value","version":1,"id":8,"schema":"\\"long\\"","deleted":false}',
  ],
  ['{"keytype":"DELETE_SUBJECT","subject":"left-value","magic":0}', '{"subject":"left-value","version":1}'],
  // For good.
  [
    '{"keytype":"SCHEMA","subject":"burnt-value","version":1,"magic":1}',
    '{"subject":"burnt-value","version":1,"id":9,"schema":"\\"bytes\\"","deleted":true}',
  ],
  ['{"keytype":"SCHEMA","subject":"burnt-value","version":1,"magic":1}', null],
  [
    '{"keytype":"SCHEMA","subject":":.lab:trial","version":1,"magic":1}',
    '{"subject":":.lab:trial","version":1,"id":1,"schema":"\\"string\\"","deleted":false}',
  ],
  // As Karapace's Python wrote it: blanks, and another order.
  [
    '{"keytype": "SCHEMA", "subject": "snake", "version": 1, "magic": 1}',
    '{"subject": "snake", "version": 1, "id": 10, "schema": "\\"double\\"", "deleted": false}',
  ],
];

const kafka: Kafka = openKafka({ brokers: [brokers().kafka] });
const used: string[] = [];
afterAll(async () => {
  await deleteTopics(kafka, used);
  await kafka[Symbol.asyncDispose]();
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Gateway extends AsyncDisposable {
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  ask(line: string, body?: object): Promise<Answer>;
}

async function openGateway(schemasTopic: string): Promise<Gateway> {
  const names = {
    PENSTOCK_KEYS_TOPIC: randomName('keys'),
    PENSTOCK_PIPELINES_TOPIC: randomName('pipelines'),
    PENSTOCK_MODELS_TOPIC: randomName('models'),
  };
  used.push(...Object.values(names));
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const env = { PENSTOCK_KAFKA: brokers().kafka, PENSTOCK_SCHEMAS_TOPIC: schemasTopic, ...names };
  const service = await openService(schemaGateway, { env, write });
  const url = String(lines.find(({ event }) => event === 'service.ready')?.['rest']);
  return {
    lines,
    async ask(line, body) {
      const [method = 'GET', path = '/'] = line.split(' ');
      const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      const response = await fetch(url + path, { method, ...sent });
      return { status: response.status, body: await response.json() };
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

async function writeTopic(topic: string, records: readonly (readonly [string, string | null])[]): Promise<void> {
  used.push(topic);
  await ensureTopics(kafka, [{ topic, partitions: 1, cleanup: 'compact', retentionMs: -1 }]);
  await using publisher = openPublisher(kafka, new Map([['main', { topic, partitions: 1 }]]));
  const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text));
  await publisher.publish(
    records.map(([key, value], index) => ({
      ...{ id: String(index), route: 'main', key: bytes(key), payload: bytes(value), headers: [] },
    })),
  );
}

async function readTopic(topic: string): Promise<[string, string | null][]> {
  const records: [string, string | null][] = [];
  const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString());
  for await (const { key, value } of readRange(kafka, { topic, partition: 0 }, { from: 'earliest', to: 'latest' }))
    records.push([text(key) ?? '', text(value)]);
  return records;
}

/** Every question that a reader may have. */
const questions = [
  'GET /subjects?deleted=true',
  'GET /subjects',
  'GET /subjects?subjectPrefix=:*:',
  'GET /schemas?deleted=true',
  'GET /contexts',
  'GET /config',
  ...['orders-value', 'notes-value'].flatMap((subject) => [
    `GET /config/${subject}`,
    `GET /config/${subject}?defaultToGlobal=true`,
  ]),
  ...['orders-value', 'orders-copy'].map((subject) => `GET /mode/${subject}?defaultToGlobal=true`),
  ...Array.from({ length: 14 }, (_, id) => [`GET /schemas/ids/${id}`, `GET /schemas/ids/${id}/versions?deleted=true`]).flat(),
  ...['orders-value', 'money', 'bills-value', 'notes-value', 'gone-value', 'left-value', 'snake', ':.lab:trial'].flatMap(
    (subject) => [
      `GET /subjects/${encodeURIComponent(subject)}/versions?deleted=true`,
      `GET /subjects/${encodeURIComponent(subject)}/versions/latest`,
      `GET /subjects/${encodeURIComponent(subject)}/versions/1/referencedby`,
    ],
  ),
  'GET /schemas/ids/1?subject=:.lab:',
];

const answersOf = (gateway: Gateway): Promise<Answer[]> => Promise.all(questions.map((question) => gateway.ask(question)));

describe('a topic that Confluent wrote', () => {
  const topic = randomName('_schemas');
  let gateway: Gateway;
  beforeAll(async () => {
    await writeTopic(topic, recordsOfConfluent);
    gateway = await openGateway(topic);
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
  });

  test('is read without a complaint', () => {
    expect(gateway.lines.filter(({ event }) => event === 'gateway.unreadable-record')).toEqual([]);
  });

  test('is served as it was', async () => {
    expect(await gateway.ask('GET /subjects')).toEqual({
      status: 200,
      body: [':.lab:trial', 'bills-value', 'money', 'notes-value', 'orders-copy', 'orders-value', 'snake'],
    });
    const order = { subject: 'orders-value', version: 2, id: 3, schema: expect.stringContaining('"note"') };
    expect((await gateway.ask('GET /subjects/orders-value/versions/latest')).body).toMatchObject(order);
    expect((await gateway.ask('GET /schemas/ids/5')).body).toMatchObject({
      schemaType: 'PROTOBUF',
      references: [{ name: 'money.proto', subject: 'money', version: 1 }],
      schema: expect.stringContaining('Bill'),
    });
    expect((await gateway.ask('GET /schemas/ids/6')).body).toMatchObject({ metadata: { properties: { owner: 'shop' } } });
    expect((await gateway.ask('GET /schemas/ids/1/subjects')).body).toEqual(['orders-value', 'orders-copy']);
    expect((await gateway.ask('GET /schemas/ids/1?subject=:.lab:')).body).toMatchObject({ schema: '"string"' });
    expect((await gateway.ask('GET /schemas/ids/7')).status).toBe(200);
    expect(await gateway.ask('GET /schemas/ids/9')).toMatchObject({ status: 404, body: { error_code: 40_403 } });
    expect((await gateway.ask('GET /subjects/money/versions/1/referencedby')).body).toEqual([5]);
    expect((await gateway.ask('GET /config')).body).toEqual({ compatibilityLevel: 'FORWARD' });
    expect((await gateway.ask('GET /mode/orders-copy')).body).toEqual({ mode: 'READONLY' });
    expect((await gateway.ask('GET /contexts')).body).toEqual(['.', '.empty', '.lab']);
  });

  test('goes on by its rules: what was there is found, what is new gets a new id, what is forbidden is refused', async () => {
    const schema = JSON.stringify({ type: 'record', name: 'Order', namespace: 'shop', fields: [{ name: 'id', type: 'long' }] });
    expect((await gateway.ask('POST /subjects/orders-value', { schema })).body).toMatchObject({ id: 1, version: 1 });
    expect(await gateway.ask('POST /subjects/orders-copy/versions', { schema: '"string"' })).toMatchObject({
      status: 422,
      body: { error_code: 42_205 },
    });
    // Forward: readers of the old one must be able to read the new one.
    const less = schema.replace('{"name":"id","type":"long"}', '');
    expect(await gateway.ask('POST /subjects/orders-value/versions', { schema: less })).toMatchObject({ status: 409 });
    const more = schema.replace('"long"}', '"long"},{"name":"note","type":"string","default":""},{"name":"at","type":"long"}');
    expect((await gateway.ask('POST /subjects/orders-value/versions', { schema: more })).body).toMatchObject({ id: 11 });
    const last = (await readTopic(topic)).at(-1);
    expect(last).toEqual([
      '{"keytype":"SCHEMA","subject":"orders-value","version":3,"magic":1}',
      JSON.stringify({ subject: 'orders-value', version: 3, id: 11, schema: more, deleted: false }),
    ]);
  });

  test('a key in foreign bytes is gone for good when it is deleted', async () => {
    await gateway.ask('DELETE /subjects/snake');
    expect((await gateway.ask('DELETE /subjects/snake?permanent=true')).status).toBe(200);
    const present = new Map(await readTopic(topic));
    const snakes = [...present].filter(([key, value]) => key.includes('snake') && key.includes('SCHEMA') && value !== null);
    expect(snakes).toEqual([]);
  });

  test('answers every question in a fresh gateway as in the old one', async () => {
    await using fresh = await openGateway(topic);
    expect(await answersOf(fresh)).toEqual(await answersOf(gateway));
  });

  test('and so does a copy of what compaction leaves, in another topic', async () => {
    const copy = randomName('_schemas');
    const present = new Map<string, string | null>();
    for (const [key, value] of await readTopic(topic)) {
      present.delete(key);
      present.set(key, value);
    }
    await writeTopic(
      copy,
      [...present].filter(([, value]) => value !== null),
    );
    await using moved = await openGateway(copy);
    expect(await answersOf(moved)).toEqual(await answersOf(gateway));
  });
});
