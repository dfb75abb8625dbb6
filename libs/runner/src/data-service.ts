import { type Kafka, openKafka } from '@penstock/kafka';
import { createRestRegistry, type SchemaRegistry } from '@penstock/schema';
import type { ServiceContext } from '@penstock/service';
import { z } from 'zod';
import type { StageHost } from './hosted-stage.ts';
import { openStageHost, type StageHostOptions } from './stage-host.ts';

/** What every service that moves records must be told. */
export const dataServiceConfig = z.strictObject({
  kafka: z
    .string()
    .regex(/^[^,]+:\d+(,[^,]+:\d+)*$/, 'expected host:port, or several with commas between them')
    .describe('Addresses of Kafka brokers to start from'),
  kafkaDriver: z.enum(['platformatic', 'kafkajs']).default('platformatic').describe('The client library that speaks to Kafka'),
  registry: z.url().describe('The REST address of the schema registry'),
});

export type DataServiceConfig = z.output<typeof dataServiceConfig>;

export interface DataService extends AsyncDisposable {
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  readonly host: StageHost;
  drain(): Promise<void>;
}

/** Opens the doors that all data services have and runs the stages that are theirs. */
export async function openDataService<Config extends DataServiceConfig>(
  context: ServiceContext<Config>,
  options: Pick<StageHostOptions, 'service' | 'ends' | 'predictor'> & { readonly kafka?: Kafka },
): Promise<DataService> {
  const { config } = context;
  const kafka = options.kafka ?? openKafkaOf(context);
  const registry = createRestRegistry({ url: config.registry, clock: context.clock });
  const host = await openStageHost({ ...options, context, kafka, registry });
  return {
    kafka,
    registry,
    host,
    drain: () => host.drain(),
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      if (options.kafka === undefined) await kafka[Symbol.asyncDispose]();
    },
  };
}

/** The door to Kafka of a service, by its configuration. */
export function openKafkaOf({ config, name, clock }: ServiceContext<Pick<DataServiceConfig, 'kafka' | 'kafkaDriver'>>): Kafka {
  return openKafka({ brokers: config.kafka.split(','), driver: config.kafkaDriver, clientId: `penstock-${name}` }, clock);
}
