import { openCatalogue } from '@penstock/catalogue';
import type { Facts } from '@penstock/kernel';
import { type AliasEvents, createPredictor, openModelPool, type ServedAlias, ServedModels } from '@penstock/models';
import { dataServiceConfig, openDataService, openKafkaOf } from '@penstock/runner';
import { defineService, type Health, type Log } from '@penstock/service';
import { z } from 'zod';
import { serveInference } from './inference-api.ts';
import { createModelMetrics, type ModelMetrics } from './model-metrics.ts';
import { serveModels } from './models-api.ts';

const config = dataServiceConfig.extend({
  modelThreads: z.coerce
    .number('expected a number of threads')
    .int()
    .min(1)
    .max(64)
    .default(2)
    .describe('Threads that answer for models; each holds all of them'),
  modelBytesMax: z.coerce.number().int().positive().default(104_857_600).describe('The largest model that can be registered'),
  modelsTopic: z.string().min(1).default('penstock.models').describe('The topic that holds the catalogue of models'),
});

/** Answers for models: to stages on their way from Kafka to Kafka, and to whoever asks over gRPC. */
export const modelServer = defineService({
  name: 'model-server',
  config,
  async open(context) {
    const { clock, random, log, health, server, telemetry } = context;
    await using opened = new AsyncDisposableStack();
    const kafka = opened.use(openKafkaOf(context));
    const pool = opened.use(openModelPool({ workers: context.config.modelThreads, clock }));
    const catalogue = opened.use(
      await openCatalogue(kafka, {
        topic: context.config.modelsTopic,
        signal: context.ending,
        unreadable: (key, reason) => log('catalogue.unreadable', { key, reason }),
        random,
      }),
    );
    catalogue.ended.catch((thrown: unknown) => context.fail(thrown));
    const metrics = opened.use(createModelMetrics(telemetry, pool));
    const models = opened.use(new ServedModels({ catalogue, pool, clock, random, events: tellOf({ log, health, metrics }) }));
    metrics.observe(models);
    await models.open();
    const service = await openDataService(context, {
      service: 'model-server',
      kafka,
      predictor: (model, alias) =>
        createPredictor(models, {
          model,
          alias,
          watched: (asked, answering) => metrics.timed({ ...asked, by: 'stage' }, answering),
        }),
    });
    opened.use(service);
    serveInference(server, { models, metrics, isReady: () => health.isServing('') });
    serveModels(server, { models, catalogue, pool, clock, modelBytesMax: context.config.modelBytesMax });
    const closing = opened.move();
    return { drain: () => service.drain(), [Symbol.asyncDispose]: () => closing.disposeAsync() };
  },
});

/** What happens to aliases is told to the log, to metrics, and by the health `model/<model>/<alias>`. */
function tellOf({ log, health, metrics }: { log: Log; health: Health; metrics: ModelMetrics }): AliasEvents {
  const healthOf = ({ model, alias }: ServedAlias): string => `model/${model}/${alias}`;
  return {
    swapped(served, { from, tookMs }) {
      const { model, alias, serving } = served;
      log('model.swapped', { model, alias, from: from ?? 0, to: serving?.entry.version ?? 0, tookMs });
      health.set(healthOf(served), true);
      metrics.moved(model, alias, 'swapped');
    },
    refused(served, version, { code, message }) {
      const { model, alias, serving } = served;
      const facts: Facts = { model, alias, version: version ?? 0, serving: serving?.entry.version ?? 0 };
      log('model.refused', { ...facts, code, message });
      health.set(healthOf(served), false);
      metrics.moved(model, alias, 'refused');
    },
  };
}
