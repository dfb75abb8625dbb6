import { openCatalogue } from '@penstock/catalogue';
import { openKafka } from '@penstock/kafka';
import { defineService, type ServiceContext } from '@penstock/service';
import { z } from 'zod';
import { guardGrpc } from './access/grpc-guard.ts';
import { accessSettings, openGuard } from './access/open-guard.ts';
import { auditedLog } from './audit/audited-log.ts';
import type { Gateway } from './gateway.ts';
import { followingAliases } from './grpc/follow-aliases.ts';
import { servePipelines } from './grpc/pipelines-api.ts';
import { serveSchemas } from './grpc/schema-api.ts';
import { openGatewayLog } from './log/gateway-log.ts';
import type { Topics } from './log/records.ts';
import { readingHealth, watchReading } from './log/watch-reading.ts';
import { ownDocuments } from './pipelines/documents.ts';
import { openRestServer } from './rest/server.ts';
import { openFront } from './upstream/front.ts';
import { readUpstream, type UpstreamOptions, upstreamSettings } from './upstream/settings.ts';

const gatewayConfig = z.strictObject({
  kafka: z
    .string()
    .regex(/^[^,]+:\d+(,[^,]+:\d+)*$/, 'expected host:port, or several with commas between them')
    .describe('Addresses of Kafka brokers to start from'),
  kafkaDriver: z.enum(['platformatic', 'kafkajs']).default('platformatic').describe('The client library that speaks to Kafka'),
  restHost: z.string().default('127.0.0.1').describe('The address to listen on for REST'),
  restPort: z.coerce
    .number('expected a port from 0 to 65535')
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('The port for REST; 0: any that is free'),
  schemasTopic: z
    .string()
    .default('_schemas')
    .describe('The compacted topic that holds the schemas, as other registries call theirs'),
  keysTopic: z
    .string()
    .default('_dek_registry_keys')
    .describe('The compacted topic that holds the keys of encrypted fields, as other registries call theirs'),
  pipelinesTopic: z.string().default('penstock.pipelines').describe('The compacted topic that holds what is applied'),
  modelsTopic: z.string().default('penstock.models').describe('The compacted topic that holds the models'),
  changeMsMax: z.coerce.number().int().positive().default(30_000).describe('How long a change may take over REST'),
  ...upstreamSettings,
  ...accessSettings,
  grpcHost: z.string().default('127.0.0.1').describe('The address to listen on for gRPC'),
  tlsClientAuth: z
    .enum(['none', 'request', 'require'])
    .default('none')
    .describe('Whether callers must show a certificate, or are asked for one that they may have'),
});
type GatewayConfig = z.output<typeof gatewayConfig>;

/** Schemas for every client of a registry, and the pipelines that go by them. */
export const schemaGateway = defineService({
  name: 'schema-gateway',
  config: gatewayConfig,
  async open(context) {
    const { config, clock, log: tell } = context;
    const upstream = readUpstream(config);
    await using opened = new AsyncDisposableStack();
    const kafka = opened.use(
      openKafka({ brokers: config.kafka.split(','), driver: config.kafkaDriver, clientId: 'penstock-schema-gateway' }, clock),
    );
    const closing = new AbortController();
    const catalogue = opened.use(await openModels(context, { kafka, signal: closing.signal }));
    const stored = opened.use(await openLog(context, { kafka, signal: closing.signal, topics: topicsOf(config, upstream) }));
    opened.defer(() => closing.abort());
    const log = auditedLog(stored, clock);
    const guarding = openGuard({
      file: config.access,
      isFront: upstream !== null,
      hosts: [config.restHost, config.grpcHost],
      log: stored,
      clock,
      tell,
      signal: closing.signal,
    });
    const gateway: Gateway = { log, kafka, catalogue, clock, tell, journal: guarding.journal };
    const door = upstream === null ? followingAliases(context.server, log.state.registry) : context.server;
    const server = guardGrpc(door, guarding);
    const front =
      upstream === null
        ? null
        : openFront({ ...context, server }, { gateway, options: upstream, changeMsMax: config.changeMsMax });
    if (front === null) serveSchemas(server, gateway);
    else opened.use(front);
    opened.use(watchReading(context, log, front === null ? readingHealth : 'pipelines'));
    servePipelines(server, gateway, front?.documents ?? ownDocuments(gateway));
    const rest = await openRestServer(gateway, {
      host: config.restHost,
      port: config.restPort,
      changeMsMax: config.changeMsMax,
      tls: context.tls,
      clientAuth: config.tlsClientAuth,
      addPaths: front?.addPaths ?? null,
      guarding,
    });
    opened.use(rest);
    context.announce({ rest: rest.url });
    const stack = opened.move();
    return {
      // Requests under way are answered; after that nothing changes any more.
      async drain() {
        await rest[Symbol.asyncDispose]();
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  },
});

interface Opening {
  readonly kafka: ReturnType<typeof openKafka>;
  readonly signal: AbortSignal;
}

/** Keys are where the schemas are. */
function topicsOf(config: GatewayConfig, upstream: UpstreamOptions | null): Topics {
  const { schemasTopic, keysTopic, pipelinesTopic: pipelines, auditTopic: audit } = config;
  return upstream === null
    ? { schemas: schemasTopic, keys: keysTopic, pipelines, audit }
    : { schemas: upstream.topic, pipelines, audit };
}

async function openLog(
  { random, log: tell, fail }: ServiceContext<GatewayConfig>,
  { kafka, signal, topics }: Opening & { readonly topics: Topics },
): ReturnType<typeof openGatewayLog> {
  const opened = await openGatewayLog(kafka, {
    topics,
    signal,
    random,
    unreadable: ({ topic, key }, { code, message }) => tell('gateway.unreadable-record', { topic, key, code, message }),
    waiting: ({ code, message }) => tell('gateway.waiting', { code, message }),
  });
  opened.ended.catch(fail);
  return opened;
}

async function openModels(
  { config, random, log: tell, fail }: ServiceContext<GatewayConfig>,
  { kafka, signal }: Opening,
): ReturnType<typeof openCatalogue> {
  const unreadable = (key: string, reason: string): void => tell('gateway.unreadable-model', { key, reason });
  const catalogue = await openCatalogue(kafka, { topic: config.modelsTopic, signal, random, unreadable });
  catalogue.ended.catch(fail);
  return catalogue;
}
