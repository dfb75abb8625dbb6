import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomName } from '@penstock/testing';
import { ask, openGateway, type RestAnswer, type TestedGateway } from '../testing/open-gateway.ts';

const avro = (fields: string): string => `{"type":"record","name":"R","fields":[${fields}]}`;
const a = '{"name":"a","type":"int"}';

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

describe('settings and modes', () => {
  test('are inherited, set and taken away', async () => {
    const name = subject();
    expect(await says('GET /config')).toEqual({ compatibilityLevel: 'BACKWARD' });
    expect(await call(`GET /config/${name}`)).toMatchObject({ status: 404, body: { error_code: 40_408 } });
    expect(await says(`GET /config/${name}?defaultToGlobal=true`)).toEqual({ compatibilityLevel: 'BACKWARD' });
    expect(await says(`PUT /config/${name}`, { compatibility: 'full_transitive' })).toEqual({ compatibility: 'FULL_TRANSITIVE' });
    expect(await says(`GET /config/${name}`)).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' });
    expect(await says(`PUT /config/${name}`, { normalize: true })).toEqual({ normalize: true, compatibility: 'FULL_TRANSITIVE' });
    expect(await says(`PUT /config/${name}`, { normalize: null })).toEqual({ compatibility: 'FULL_TRANSITIVE' });
    expect(await says(`DELETE /config/${name}`)).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' });
    expect(await call(`DELETE /config/${name}`)).toMatchObject({ status: 404, body: { error_code: 40_401 } });
    expect(await says('DELETE /config')).toEqual({ compatibilityLevel: 'BACKWARD' });
    expect(await says('GET /mode')).toEqual({ mode: 'READWRITE' });
    expect(await call(`GET /mode/${name}`)).toMatchObject({ status: 404, body: { error_code: 40_409 } });
    expect(await says(`PUT /mode/${name}`, { mode: 'READONLY' })).toEqual({ mode: 'READONLY' });
    expect(await call(`POST /subjects/${name}/versions`, { schema: avro(a) })).toMatchObject({
      status: 422,
      body: { error_code: 42_205, message: `Subject ${name} in context  is in read-only mode` },
    });
    expect(await says(`DELETE /mode/${name}`)).toEqual({ mode: 'READONLY' });
    expect(await call(`DELETE /mode/${name}`)).toMatchObject({ status: 404, body: { error_code: 40_401 } });
    expect(await says(`PUT /mode/${name}`, { mode: 'readonly' })).toEqual({ mode: 'readonly' });
    expect(await says(`PUT /mode/${name}`, { mode: null })).toEqual({ mode: null });
    expect(await call(`PUT /mode/${name}`, { mode: 'FORWARD' })).toMatchObject({ status: 422, body: { error_code: 42_204 } });
    expect(await says(`PUT /mode/${name}`, { mode: 'IMPORT' })).toEqual({ mode: 'IMPORT' });
    expect(
      await says(`POST /subjects/${name}/versions`, { schema: avro('{"name":"imported","type":"int"}'), id: 90_000, version: 7 }),
    ).toEqual({ id: 90_000 });
    expect(await says(`GET /subjects/${name}/versions`)).toEqual([7]);
  });

  test('a context may be named with and without its end, and the default one by a dot', async () => {
    const name = subject();
    await says('PUT /mode/:.__GLOBAL', { mode: 'FORWARD' });
    expect(await says('GET /mode/:.__GLOBAL:')).toEqual({ mode: 'FORWARD' });
    expect(await says(`GET /mode/${name}?defaultToGlobal=true`)).toEqual({ mode: 'FORWARD' });
    expect(await says('DELETE /mode/:.__GLOBAL')).toEqual({ mode: 'FORWARD' });
    expect(await call('PUT /mode/:.', { mode: 'FORWARD' })).toMatchObject({ body: { error_code: 42_204 } });
    expect(await call('PUT /mode/:.__GLOBAL:s', { mode: 'FORWARD' })).toMatchObject({ body: { error_code: 42_204 } });
    await says('PUT /config/:.:', { compatibility: 'NONE' });
    expect(await says('GET /config')).toEqual({ compatibilityLevel: 'NONE' });
    await says('DELETE /config/:.');
    await says(`PUT /config/:.:${name}`, { compatibility: 'FULL' });
    expect(await says(`GET /config/${name}`)).toEqual({ compatibilityLevel: 'FULL' });
    await says(`POST /subjects/:.:${name}/versions`, { schema: avro(a) });
    expect(await says(`GET /subjects/${name}/versions`)).toEqual([1]);
  });
});
