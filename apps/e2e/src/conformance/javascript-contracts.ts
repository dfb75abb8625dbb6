import {
  AvroDeserializer,
  AvroSerializer,
  CelExecutor,
  Compatibility,
  FieldEncryptionExecutor,
  JsonataExecutor,
  LocalKmsDriver,
  type Rule,
  type RuleSet,
  type SchemaRegistryClient,
  SerdeType,
} from '@confluentinc/schemaregistry';
import { expectSame, type Step } from './check.ts';

const reading = { deviceId: 'co2-7', sequence: 7 };
const at = SerdeType.VALUE;
const latest = { useLatestVersion: true };

/** A reading whose first field is called and tagged as wanted, under rules. */
function contractOf(
  { name = 'deviceId', tags = [] }: { readonly name?: string; readonly tags?: readonly string[] },
  ruleSet: RuleSet,
  properties: Readonly<Record<string, string>> = {},
) {
  const tagged = tags.length === 0 ? {} : { 'confluent:tags': tags };
  const fields = [
    { name, type: 'string', ...tagged },
    { name: 'sequence', type: 'long' },
  ];
  const schema = JSON.stringify({ type: 'record', name: 'Reading', namespace: 'rooms', fields });
  return { schema, schemaType: 'AVRO', ruleSet, metadata: { properties } };
}

function ruleOf(name: string, more: object): Rule {
  return { name, kind: 'TRANSFORM', mode: 'WRITE', ...more } as Rule;
}

/** Data contracts that the registry keeps, carried out by the client's own executors. */
export function contractSteps(client: SchemaRegistryClient, prefix: string): Step[] {
  for (const executor of [CelExecutor, JsonataExecutor, FieldEncryptionExecutor, LocalKmsDriver]) executor.register();
  return [
    ['metadata and rules come back as they were given, and are found by', () => keep(client, `${prefix}-kept`)],
    ['a CEL condition of the registry refuses a record before it is written', () => refuse(client, `${prefix}-condition`)],
    ['a JSONata rule leads from one major version to the next', () => migrate(client, `${prefix}-migration`)],
    ['fields of a tag are encrypted with a key of the registry', () => encrypt(client, `${prefix}-encryption`)],
  ];
}

const counted = ruleOf('counted', { kind: 'CONDITION', type: 'CEL', expr: 'message.sequence > 0' });

async function keep(client: SchemaRegistryClient, subject: string): Promise<void> {
  await client.register(subject, contractOf({ tags: ['PII'] }, { domainRules: [counted] }, { owner: 'lab' }));
  const { metadata, ruleSet } = await client.getLatestWithMetadata(subject, { owner: 'lab' });
  expectSame(metadata?.properties, { owner: 'lab' });
  expectSame(
    ruleSet?.domainRules?.map(({ name, expr }) => [name, expr]),
    [[counted.name, counted.expr]],
  );
}

async function refuse(client: SchemaRegistryClient, topic: string): Promise<void> {
  await client.register(`${topic}-value`, contractOf({}, { domainRules: [counted] }));
  const serializer = new AvroSerializer(client, at, latest);
  await serializer.serialize(topic, { ...reading });
  const refusal: unknown = await serializer.serialize(topic, { ...reading, sequence: -1 }).catch(String);
  if (typeof refusal !== 'string' || !refusal.includes('counted')) throw new Error(`it was written: ${String(refusal)}`);
}

async function migrate(client: SchemaRegistryClient, topic: string): Promise<void> {
  const subject = `${topic}-value`;
  const expr = "$merge([$sift($, function($v, $k) {$k != 'deviceId'}), {'device': $.'deviceId'}])";
  const upgrade = ruleOf('up', { mode: 'UPGRADE', type: 'JSONATA', expr });
  await client.updateConfig(subject, { compatibility: Compatibility.NONE });
  await client.register(subject, contractOf({}, {}, { major: '1' }));
  await client.register(subject, contractOf({ name: 'device' }, { migrationRules: [upgrade] }, { major: '2' }));
  const written = await new AvroSerializer(client, at, { useLatestWithMetadata: { major: '1' } }).serialize(topic, {
    ...reading,
  });
  const read: unknown = await new AvroDeserializer(client, at, { useLatestWithMetadata: { major: '2' } }).deserialize(
    topic,
    written,
  );
  const { device, sequence } = read as { device?: string; sequence?: number };
  expectSame({ device, sequence }, { device: reading.deviceId, sequence: reading.sequence });
}

async function encrypt(client: SchemaRegistryClient, topic: string): Promise<void> {
  const params = { 'encrypt.kek.name': `${topic}-kek`, 'encrypt.kms.type': 'local-kms', 'encrypt.kms.key.id': 'lab' };
  const hide = ruleOf('hide', { mode: 'WRITEREAD', type: 'ENCRYPT', tags: ['PII'], params, onFailure: 'ERROR,NONE' });
  await client.register(`${topic}-value`, contractOf({ tags: ['PII'] }, { domainRules: [hide] }));
  const secret = { ruleConfig: { secret: 'penstock' } };
  const written = await new AvroSerializer(client, at, { ...latest, ...secret }).serialize(topic, { ...reading });
  if (written.includes(reading.deviceId)) throw new Error('it was written in clear');
  const read: unknown = await new AvroDeserializer(client, at, secret).deserialize(topic, written);
  const { deviceId, sequence } = read as typeof reading;
  expectSame({ deviceId, sequence }, reading);
}
