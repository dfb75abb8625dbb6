import { z } from 'zod';

/** How to reach a Kafka cluster. Secrets come as values here; documents refer to them as `${env:…}` or `${file:…}`. */
export const kafkaConfig = z.strictObject({
  brokers: z
    .array(z.string().regex(/^.+:\d+$/, 'expected host:port'))
    .min(1)
    .describe('Addresses to start from, host:port each'),
  driver: z.enum(['platformatic', 'kafkajs']).default('platformatic').describe('The client library that speaks to the brokers'),
  clientId: z.string().default('penstock').describe("Shown in the brokers' logs and quotas"),
  compression: z.enum(['none', 'gzip', 'zstd']).default('none').describe('Of what is produced; anything is read'),
  connectTimeoutMs: z.int().positive().default(5_000).describe('For a connection'),
  requestTimeoutMs: z.int().positive().default(30_000).describe('For an answer; then the outcome is unknown'),
  tls: z
    .strictObject({ ca: z.string().optional(), cert: z.string().optional(), key: z.string().optional() })
    .nullable()
    .default(null)
    .describe('PEM texts; an empty object trusts the system'),
  sasl: z
    .strictObject({ mechanism: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']), username: z.string(), password: z.string() })
    .nullable()
    .default(null)
    .describe('Credentials'),
});

export type KafkaConfig = z.output<typeof kafkaConfig>;
export type KafkaSettings = z.input<typeof kafkaConfig>;
