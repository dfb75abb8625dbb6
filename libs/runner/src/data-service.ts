import { type Kafka, openKafka } from '@penstock/kafka';
import type { Login } from '@penstock/kernel';
import {
  createEncryptExecutors,
  createRestKeyring,
  createRestRegistry,
  type RuleExecutor,
  type SchemaRegistry,
} from '@penstock/schema';
import type { ServiceContext } from '@penstock/service';
import { z } from 'zod';
import type { StageHost } from './hosted-stage.ts';
import { pipelinesTopic } from './pipeline-watch.ts';
import { openStageHost, type StageHostOptions } from './stage-host.ts';

/** Where the schema registry is, and how to log in there: ours or any other one. */
const registrySettings = {
  registry: z.url().describe('The REST address of the schema registry; it may carry `user:password@`'),
  registryUser: z.string().optional().describe('The name to log in with at the registry'),
  registryPassword: z.string().meta({ secret: true }).optional().describe('The password that belongs to it'),
  registryPasswordFile: z.string().optional().describe('The file that holds the password; it is read for each request'),
  registryToken: z.string().meta({ secret: true }).optional().describe('A bearer token for the registry, instead of a name'),
  registryTokenFile: z.string().optional().describe('The file that holds the token; it is read for each request'),
} as const;

/** What every service that moves records must be told. */
export const dataServiceConfig = z.strictObject({
  kafka: z
    .string()
    .regex(/^[^,]+:\d+(,[^,]+:\d+)*$/, 'expected host:port, or several with commas between them')
    .describe('Addresses of Kafka brokers to start from'),
  kafkaDriver: z.enum(['platformatic', 'kafkajs']).default('platformatic').describe('The client library that speaks to Kafka'),
  pipelinesTopic: z.string().default(pipelinesTopic).describe('The compacted topic that holds what is applied'),
  ...registrySettings,
});

export type DataServiceConfig = z.output<typeof dataServiceConfig>;

export interface DataService extends AsyncDisposable {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  /** They run the rules of schemas that need what the service has: keys. */
  readonly executors: readonly RuleExecutor[];
  readonly host: StageHost;
  drain(): Promise<void>;
}

/** Opens the doors that all data services have and runs the stages that are theirs. */
export async function openDataService<Config extends DataServiceConfig>(
  context: ServiceContext<Config>,
  options: Pick<StageHostOptions, 'service' | 'ends' | 'predictor'> & { readonly kafka?: Kafka },
): Promise<DataService> {
  const kafka = options.kafka ?? openKafkaOf(context);
  const registry = createRegistryOf(context);
  const executors = createExecutorsOf(context);
  const applied = context.config.pipelinesTopic;
  const host = await openStageHost({ ...options, context, kafka, registry, executors, pipelinesTopic: applied });
  return {
    kafka,
    registry,
    executors,
    host,
    drain: () => host.drain(),
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      if (options.kafka === undefined) await kafka[Symbol.asyncDispose]();
    },
  };
}

/** The client of the schema registry, by a service's configuration and certificates. */
export function createRegistryOf({ config, clock, tls }: ServiceContext<RegistryConfig>): SchemaRegistry {
  return createRestRegistry({ url: config.registry, login: loginOf(config), tls, clock });
}

/** What encrypts and decrypts by the keys of the registry; the secrets of their KMS are in the environment. */
export function createExecutorsOf({ config, clock, tls }: ServiceContext<RegistryConfig>): readonly RuleExecutor[] {
  const keyring = createRestKeyring({ url: config.registry, login: loginOf(config), tls, clock, env: process.env });
  return createEncryptExecutors(keyring);
}

type RegistryConfig = z.output<z.ZodObject<typeof registrySettings>>;

function loginOf(config: RegistryConfig): Login {
  const { registryUser: user, registryPassword: password, registryPasswordFile: passwordFile } = config;
  return { user, password, passwordFile, token: config.registryToken, tokenFile: config.registryTokenFile };
}

/** The door to Kafka of a service, by its configuration. */
export function openKafkaOf({ config, name, clock }: ServiceContext<Pick<DataServiceConfig, 'kafka' | 'kafkaDriver'>>): Kafka {
  return openKafka({ brokers: config.kafka.split(','), driver: config.kafkaDriver, clientId: `penstock-${name}` }, clock);
}
