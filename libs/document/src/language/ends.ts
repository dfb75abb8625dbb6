import { mqttSourceConfig } from '@penstock/mqtt';
import { postgresConfig } from '@penstock/postgres';
import { z } from 'zod';
import { choiceOf } from './choice.ts';
import { celExpression, fieldName, topicName } from './names.ts';
import { addressOrReference, secret } from './references.ts';

const mqttSettings = mqttSourceConfig.in;

/** The settings of the component, without what the stage itself fills in, and with what the document adds. */
export const mqttFrom = mqttSettings
  .omit({ url: true, clientId: true, password: true })
  .extend({
    url: addressOrReference(mqttSettings.shape.url),
    clientId: z.string().min(1).max(65_535).optional().describe('The name of the session; else `<pipeline>.<stage>`'),
    password: secret.nullable().default(null).describe('Credentials'),
    payload: z
      .enum(['json'], {
        error: ({ input }) =>
          input === undefined ? undefined : `expected json, the only payload that this build reads, got ${JSON.stringify(input)}`,
      })
      .describe('How devices write a record'),
    set: z
      .record(fieldName, celExpression)
      .default({})
      .describe('Fields that are not looked for in payloads but computed, from the levels of the topic for one: topic[1]'),
  })
  .describe('Publishes of an MQTT broker');

export const kafkaFrom = z.strictObject({ topic: topicName.describe('The topic to read') }).describe('A topic');

export const kafkaTo = z
  .strictObject({
    topic: topicName.describe('The topic to write'),
    key: celExpression.optional().describe('CEL, a string: another key than the record came with'),
    schemaId: z
      .enum(['prefix', 'header'])
      .default('prefix')
      .describe(
        'Where a record names its schema: by its id before the payload, or by its GUID in the header `__value_schema_id`, so that ' +
          'the payload is bare',
      ),
  })
  .describe('A topic, with position and state in one transaction');

export const postgresTo = postgresConfig
  .omit({ url: true })
  .extend({ url: addressOrReference(postgresConfig.shape.url) })
  .describe('A table of PostgreSQL, with position and state in one transaction');

export const fromLanguage = choiceOf({ mqtt: mqttFrom, kafka: kafkaFrom });
export const toLanguage = choiceOf({ kafka: kafkaTo, postgres: postgresTo });

/** Keys whose values may be references: addresses and secrets. */
export const referableKeys: ReadonlySet<string> = new Set(['url', 'clientId', 'username', 'password', 'ca', 'cert', 'key']);

export type MqttFrom = z.output<typeof mqttFrom>;
export type PostgresTo = z.output<typeof postgresTo>;
