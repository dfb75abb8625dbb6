import { Compatibility, SchemaRegistryClient } from '@confluentinc/schemaregistry';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomName } from '@penstock/testing';
import { openGateway, type TestedGateway } from '../testing/open-gateway.ts';

/** The client that Confluent publishes against our registry. Its codecs against ours: `apps/e2e/src/registry`. */
let gateway: TestedGateway;
let client: SchemaRegistryClient;
beforeAll(async () => {
  gateway = await openGateway();
  client = new SchemaRegistryClient({ baseURLs: [gateway.url] });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const avro = JSON.stringify({
  type: 'record',
  name: 'Reading',
  namespace: 'rooms',
  fields: [
    { name: 'deviceId', type: 'string' },
    { name: 'sequence', type: 'long' },
    { name: 'co2Ppm', type: ['null', 'double'], default: null },
  ],
});

describe('the client of Confluent', () => {
  test('registers, finds, checks, configures and deletes', async () => {
    const subject = randomName('client');
    const info = { schema: avro, schemaType: 'AVRO' };
    const id = await client.register(subject, info);
    expect(await client.getId(subject, info)).toBe(id);
    expect(await client.getVersion(subject, info)).toBe(1);
    expect(await client.getBySubjectAndId(subject, id)).toEqual({
      schemaType: 'AVRO', // the client takes what it does not know
      guid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      ...{ subject, version: 1, deleted: false },
      schema: avro,
    });
    expect(await client.getLatestSchemaMetadata(subject)).toMatchObject({ id, version: 1, subject });
    expect(await client.getSchemaMetadata(subject, 1)).toMatchObject({ id });
    expect(await client.getAllVersions(subject)).toEqual([1]);
    expect(await client.getAllSubjects()).toContain(subject);
    const narrower = { schema: avro.replace('"string"', '"int"'), schemaType: 'AVRO' };
    expect(await client.testSubjectCompatibility(subject, narrower)).toBe(false);
    expect(await client.testCompatibility(subject, 1, info)).toBe(true);
    await expect(client.register(subject, narrower)).rejects.toMatchObject({ errorCode: 409, status: 409 });
    expect(await client.updateCompatibility(subject, Compatibility.FULL)).toBe('FULL');
    expect(await client.getCompatibility(subject)).toBe('FULL');
    expect(await client.deleteSubjectVersion(subject, 1)).toBe(1);
    expect(await client.deleteSubject(subject, true)).toEqual([1]);
    await expect(client.getAllVersions(subject)).rejects.toMatchObject({ errorCode: 40_401, status: 404 });
  });
});
