import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { schema as api } from '@penstock/contracts';
import { createGrpcClient } from '@penstock/service';
import { randomName } from '@penstock/testing';
import { ask, openGateway, type RestAnswer, type TestedGateway } from '../testing/open-gateway.ts';

const avro = (fields: string): string => `{"type":"record","name":"R","fields":[${fields}]}`;
const a = '{"name":"a","type":"int"}';
const b = '{"name":"b","type":["null","int"],"default":null}';

let gateway: TestedGateway;
beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const call = (line: string, body?: unknown): Promise<RestAnswer> => ask(gateway.url, line, { body });
const says = async (line: string, body?: unknown): Promise<unknown> => (await call(line, body)).body;
const subject = (): string => randomName('subject');

describe('data contracts', () => {
  const rule = { name: 'positive', type: 'CEL', kind: 'CONDITION', mode: 'WRITE', expr: 'message.a > 0' };
  const stored = { ...rule, disabled: false };

  test('metadata and rules are stored sorted, propagate to the next version, and belong to what is the same', async () => {
    const name = subject();
    const metadata = { properties: { owner: 'us', app: 'x' }, sensitive: ['owner'], later: 'ignored' };
    const given = { schema: avro(a), metadata, ruleSet: { domainRules: [rule] } };
    await says(`POST /subjects/${name}/versions`, given);
    const first = (await says(`GET /subjects/${name}/versions/1`)) as object;
    expect(first).toMatchObject({
      metadata: { properties: { app: 'x', owner: 'us' }, sensitive: ['owner'] },
      ruleSet: { domainRules: [stored] },
    });
    expect(await says(`POST /subjects/${name}`, given)).toEqual(first);
    expect(await says(`POST /subjects/${name}`, { schema: avro(a) })).toEqual(first);
    await says(`POST /subjects/${name}/versions`, { schema: avro(`${a},${b}`) });
    expect(await says(`GET /subjects/${name}/versions/2`)).toMatchObject({ ruleSet: { domainRules: [stored] } });
    await says(`POST /subjects/${name}/versions`, { schema: avro(`${a},${b}`), metadata: { properties: { owner: 'them' } } });
    expect(await says(`GET /subjects/${name}/versions`)).toEqual([1, 2, 3]);
    expect(await says(`GET /subjects/${name}/metadata?key=owner&value=us`)).toMatchObject({ version: 2 });
  });

  test('a subject adds defaults where nothing is said, and overrides whatever is said', async () => {
    const name = subject();
    const config = {
      defaultMetadata: { properties: { owner: 'nobody', tier: '3' } },
      overrideMetadata: { properties: { tier: '1' } },
      overrideRuleSet: { domainRules: [rule] },
    };
    expect(await says(`PUT /config/${name}`, config)).toEqual({ ...config, overrideRuleSet: { domainRules: [stored] } });
    await says(`POST /subjects/${name}/versions`, { schema: avro(a), metadata: { properties: { owner: 'us', tier: '2' } } });
    expect(await says(`GET /subjects/${name}/versions/1`)).toMatchObject({
      metadata: { properties: { owner: 'us', tier: '1' } },
      ruleSet: { domainRules: [stored] },
    });
    await says(`PUT /config/${name}`, { overrideMetadata: null });
    expect(Object.keys((await says(`GET /config/${name}`)) as object).sort()).toEqual([
      ...['compatibilityLevel', 'defaultMetadata', 'overrideRuleSet'],
    ]);
  });

  test('versions of another compatibility group are not compared', async () => {
    const name = subject();
    await says(`PUT /config/${name}`, { compatibilityGroup: 'major' });
    const version = (fields: string, major: string): Promise<RestAnswer> =>
      call(`POST /subjects/${name}/versions`, { schema: avro(fields), metadata: { properties: { major } } });
    const wanted = '{"name":"wanted","type":"int"}';
    expect((await version(a, '1')).status).toBe(200);
    expect((await version(wanted, '1')).status).toBe(409);
    expect((await version(wanted, '2')).status).toBe(200);
    expect((await version(`${a},${b}`, '1')).status).toBe(200);
  });

  test('a lenient policy lets properties be added to an open content model', async () => {
    const name = subject();
    const schemaType = 'JSON';
    const json = (properties: object): string => JSON.stringify({ type: 'object', properties });
    await says(`POST /subjects/${name}/versions`, { schemaType, schema: json({ a: { type: 'string' } }) });
    const next = { schemaType, schema: json({ a: { type: 'string' }, b: { type: 'string' } }) };
    expect((await call(`POST /subjects/${name}/versions`, next)).status).toBe(409);
    await says(`PUT /config/${name}`, { compatibilityPolicy: 'lenient' });
    expect((await call(`POST /subjects/${name}/versions`, next)).status).toBe(200);
  });

  test('an alias stands for another subject everywhere but in settings', async () => {
    const [name, alias] = [subject(), subject()];
    await says(`POST /subjects/${name}/versions`, { schema: avro(a) });
    expect(await says(`PUT /config/${alias}`, { alias: name })).toEqual({ alias: name });
    expect(await says(`GET /subjects/${alias}/versions/latest`)).toMatchObject({ subject: name, version: 1 });
    await says(`POST /subjects/${alias}/versions`, { schema: avro(`${a},${b}`) });
    expect(await says(`GET /subjects/${name}/versions`)).toEqual([1, 2]);
    const check = `POST /compatibility/subjects/${alias}/versions/latest`;
    expect(await says(check, { schema: avro('{"name":"c","type":"int"}') })).toEqual({ is_compatible: false });
    expect(await says(`GET /config/${alias}`)).toEqual({ alias: name, compatibilityLevel: 'BACKWARD' });
    await says(`PUT /config/${alias}`, { alias: '' });
    expect(await call(`GET /subjects/${alias}/versions`)).toMatchObject({ status: 404, body: { error_code: 40_401 } });
  });

  test('an alias stands for it over gRPC as well', async () => {
    const [name, alias] = [subject(), subject()];
    using client = createGrpcClient(api.SchemaServiceClient, gateway.address);
    const schema = { format: api.SchemaFormat.AVRO, text: avro(a) };
    await client.setConfig(api.SetConfigRequest.fromPartial({ subject: alias, alias: name }));
    await client.register(api.RegisterRequest.fromPartial({ subject: alias, schema }));
    expect(await says(`GET /subjects/${name}/versions`)).toEqual([1]);
    const { version } = await client.getVersion(api.GetVersionRequest.fromPartial({ subject: alias }));
    expect(version).toMatchObject({ subject: name, version: 1 });
    const { config } = await client.getConfig({ subject: alias });
    expect(config?.alias).toBe(name);
    const { versions } = await client.deleteSubject(api.DeleteSubjectRequest.fromPartial({ subject: alias }));
    expect(versions).toEqual([1]);
  });

  test('schema.v1 knows contracts and settings as REST does', async () => {
    const name = subject();
    using client = createGrpcClient(api.SchemaServiceClient, gateway.address);
    const change = {
      subject: name,
      compatibilityGroup: 'major',
      compatibilityPolicy: 'LENIENT',
      overrideRuleSet: { domainRules: [rule] },
    };
    const { config } = await client.setConfig(api.SetConfigRequest.fromPartial(change));
    expect(config).toMatchObject({ compatibilityGroup: 'major', compatibilityPolicy: 'LENIENT', guard: true });
    const schema = { format: api.SchemaFormat.AVRO, text: avro(a), metadata: { properties: { major: '1' } } };
    await client.register(api.RegisterRequest.fromPartial({ subject: name, schema }));
    const { version } = await client.getVersion(api.GetVersionRequest.fromPartial({ subject: name }));
    expect(version?.schema).toMatchObject({ metadata: schema.metadata, ruleSet: { domainRules: [stored] } });
    expect(await says(`GET /subjects/${name}/versions/1`)).toMatchObject({
      metadata: schema.metadata,
      ruleSet: { domainRules: [stored] },
    });
    const taken = await client.setConfig(
      api.SetConfigRequest.fromPartial({ subject: name, overrideRuleSet: {}, compatibilityGroup: '' }),
    );
    expect([taken.config?.overrideRuleSet, taken.config?.compatibilityGroup]).toEqual([undefined, '']);
  });

  test('the mode of a context, and that of all, are taken away', async () => {
    const context = `:.m${randomName('x').replaceAll('-', '')}:`;
    const name = encodeURIComponent(`${context}${subject()}`);
    await says(`PUT /mode/${context}`, { mode: 'READONLY' });
    expect(await call(`POST /subjects/${name}/versions`, { schema: avro(a) })).toMatchObject({ body: { error_code: 42_205 } });
    expect(await says(`DELETE /mode/${context}`)).toEqual({ mode: 'READONLY' });
    expect((await call(`POST /subjects/${name}/versions`, { schema: avro(a) })).status).toBe(200);
    await says('PUT /mode', { mode: 'READONLY' });
    expect(await says('DELETE /mode')).toEqual({ mode: 'READONLY' });
    expect(await says('DELETE /mode')).toEqual({ mode: 'READWRITE' });
  });

  test('a context has settings for all of its subjects', async () => {
    const context = `:.c${randomName('x').replaceAll('-', '')}:`;
    await says(`PUT /config/${context}`, { compatibility: 'NONE' });
    const name = encodeURIComponent(`${context}${subject()}`);
    await says(`POST /subjects/${name}/versions`, { schema: avro(a) });
    expect((await call(`POST /subjects/${name}/versions`, { schema: '"string"' })).status).toBe(200);
  });
});
