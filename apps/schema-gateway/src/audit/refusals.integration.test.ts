import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pipelines as api, schema as schemaApi } from '@penstock/contracts';
import { deleteTopics, openKafka } from '@penstock/kafka';
import { createGrpcClient } from '@penstock/service';
import { brokers, randomName, until } from '@penstock/testing';
import { ask, openGateway, ownTopics, type TestedGateway } from '../testing/open-gateway.ts';
import { readAudit } from '../testing/read-audit.ts';
import { readingProto, roomsDocument } from '../testing/rooms.ts';

/** The guard of a gateway by itself, and of one in front of it. */
const topics = { own: ownTopics(), front: ownTopics() };
let own: TestedGateway;
let front: TestedGateway;
const made: string[] = [];
beforeAll(async () => {
  own = await openGateway(topics.own);
  const upstream = { PENSTOCK_UPSTREAM: own.url, PENSTOCK_UPSTREAM_TOPIC: randomName('upstream') };
  front = await openGateway({ ...topics.front, ...upstream });
});
afterAll(async () => {
  await front[Symbol.asyncDispose]();
  await own[Symbol.asyncDispose]();
  await using kafka = openKafka({ brokers: [brokers().kafka] });
  await deleteTopics(kafka, made);
});

test.each(['own', 'front'] as const)(
  'what the guard refuses stands in the audit, what was only asked does not (%s)',
  async (which) => {
    const gateway = which === 'own' ? own : front;
    const pipeline = randomName('rooms').replace('_', '-');
    using pipelines = createGrpcClient(api.PipelinesServiceClient, gateway.address);
    const { changes } = await pipelines.apply({ document: roomsDocument(pipeline) });
    made.push(...(changes?.topics ?? []).map(({ topic }) => topic));

    const subject = `${pipeline}.raw-value`;
    const text = readingProto().replace(/.*co2_ppm.*\n/, '');
    const path = `POST /subjects/${subject}/versions`;
    const body = { schemaType: 'PROTOBUF', schema: text };
    for (const query of ['?dryRun=true', ''])
      expect(await ask(gateway.url, path + query, { body })).toMatchObject({ status: 409 });
    using schemas = createGrpcClient(schemaApi.SchemaServiceClient, gateway.address);
    const wanted = { subject, schema: { format: schemaApi.SchemaFormat.PROTOBUF, text, references: [] }, normalize: false };
    for (const dryRun of [true, false]) {
      const registered = schemas.register({ ...wanted, dryRun, overrideReason: '' });
      await expect(registered).rejects.toMatchObject({ code: 'gateway.breaks-pipelines' });
    }

    const refused = async () =>
      (await readAudit(String(topics[which]['PENSTOCK_AUDIT_TOPIC']))).filter(({ outcome }) => outcome === 'refused');
    await until(async () => (await refused()).length >= 2, { deadlineMs: 10_000, what: 'both refusals' });
    const told = { principal: 'anonymous', action: 'schema.register', subject };
    expect(await refused()).toEqual([
      expect.objectContaining({ ...told, door: 'rest', reason: expect.stringContaining(`${pipeline} › preprocess › co2Ppm`) }),
      expect.objectContaining({ ...told, door: 'grpc' }),
    ]);
  },
);
