import { Compatibility, RestError, SchemaRegistryClient } from '@confluentinc/schemaregistry';
import { schemaFormats } from '@penstock/schema';
import { exchangeWithJavascript, givenTo, plainOf, readingTexts, serdesOf } from '../registry/javascript-exchange.ts';
import { decodeRecord, ours, theirs } from '../registry/reading-codec.ts';
import { type Check, expectSame, type Step, tryAll } from './check.ts';
import { contractSteps } from './javascript-contracts.ts';

const avro = { schema: readingTexts.AVRO, schemaType: 'AVRO' };
const narrower = { ...avro, schema: avro.schema.replace('"string"', '"int"') };

/** Confluent's client for JavaScript: its questions, its codecs, and its rules. */
export async function checkJavascript(url: string, prefix: string): Promise<Check[]> {
  const client = new SchemaRegistryClient({ baseURLs: [url] });
  return await tryAll('JavaScript, @confluentinc/schemaregistry', [
    ...questions(client, `${prefix}-questions`),
    ...contractSteps(client, `${prefix}-contract`),
    ...schemaFormats.map(
      (format): Step => [
        `${format}: our codec reads what it writes, and it what ours writes`,
        async () => {
          const topic = `${prefix}-${format}`;
          const exchanged = await exchangeWithJavascript(url, client, { format, topic });
          expectSame(exchanged, { byOurs: theirs, byTheirs: ours, versions: [1] });
        },
      ],
    ),
    ...schemaFormats.map(
      (format): Step => [
        `${format}: the GUID of the schema travels in a header`,
        async () => await throughHeaders(url, format, `${prefix}-header-${format}`),
      ],
    ),
  ]);
}

function questions(client: SchemaRegistryClient, subject: string): Step[] {
  return [
    [
      'register, look up, versions, latest',
      async () => {
        const id = await client.register(subject, avro);
        expectSame(await client.getId(subject, avro), id);
        expectSame(await client.getVersion(subject, avro), 1);
        expectSame((await client.getLatestSchemaMetadata(subject)).id, id);
        expectSame((await client.getSchemaMetadata(subject, 1)).schema, avro.schema);
        expectSame(await client.getAllVersions(subject), [1]);
        expectSame((await client.getAllSubjects()).includes(subject), true);
      },
    ],
    [
      'by id, and by GUID',
      async () => {
        const { id = 0, guid = '' } = await client.registerFullResponse(`${subject}-full`, avro);
        expectSame((await client.getBySubjectAndId(subject, id)).schema, avro.schema);
        expectSame((await client.getByGuid(guid)).schema, avro.schema);
      },
    ],
    [
      'verdicts, and 409 for what does not go together',
      async () => {
        expectSame(await client.testSubjectCompatibility(subject, narrower), false);
        expectSame(await client.testCompatibility(subject, 1, avro), true);
        const refusal: unknown = await client.register(subject, narrower).catch((thrown: unknown) => thrown);
        expectSame(refusal instanceof RestError ? [refusal.status, refusal.errorCode] : refusal, [409, 409]);
      },
    ],
    [
      'levels and settings of one and of all',
      async () => {
        expectSame(await client.updateCompatibility(subject, Compatibility.FULL), 'FULL');
        expectSame(await client.getCompatibility(subject), 'FULL');
        expectSame(await client.getDefaultCompatibility(), 'BACKWARD');
        await client.updateConfig(subject, { normalize: true });
        expectSame((await client.getConfig(subject)).normalize, true);
      },
    ],
    [
      'normalisation finds what is spelled otherwise',
      async () => {
        const spelled = { ...avro, schema: JSON.stringify(JSON.parse(avro.schema), null, 2).replace('"rooms"', '"rooms" ') };
        expectSame(await client.getId(subject, spelled, true), await client.getId(subject, avro));
      },
    ],
    [
      'an alias leads to its subject',
      async () => {
        await client.updateConfig(`${subject}-alias`, { alias: subject });
        expectSame((await client.getLatestSchemaMetadata(`${subject}-alias`)).schema, avro.schema);
      },
    ],
    [
      'deletes softly, then for good',
      async () => {
        const [gone, other] = [`${subject}-gone`, { schema: '"string"', schemaType: 'AVRO' }];
        await client.register(gone, other);
        expectSame(await client.deleteSubjectVersion(gone, 1), 1);
        expectSame(await client.deleteSubject(gone, true), [1]);
        const refusal: unknown = await client.getAllVersions(gone).catch((thrown: unknown) => thrown);
        expectSame(refusal instanceof RestError ? refusal.errorCode : refusal, 40_401);
      },
    ],
  ];
}

async function throughHeaders(url: string, format: (typeof schemaFormats)[number], topic: string): Promise<void> {
  const client = new SchemaRegistryClient({ baseURLs: [url] });
  await client.register(`${topic}-value`, { schema: readingTexts[format], schemaType: format });
  const { serializer, deserializer } = serdesOf(client, format, true);
  const headers = {};
  const bytes = await serializer.serialize(topic, givenTo(format, theirs), headers);
  expectSame(Object.keys(headers).length, 1);
  expectSame(await decodeRecord(url, `${topic}-value`, { bytes, headers }), theirs);
  expectSame(plainOf(await deserializer.deserialize(topic, bytes, headers)), theirs);
}
