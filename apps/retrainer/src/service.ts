import { openCatalogue } from '@penstock/catalogue';
import { createExecutorsOf, createRegistryOf, openKafkaOf, watchPipelines } from '@penstock/runner';
import { defineService, type RunningService } from '@penstock/service';
import { retrainerConfig } from './config.ts';
import { serveRetrain } from './retrain-api.ts';
import { createRetrainMetrics } from './retrain-metrics.ts';
import { Retrainer } from './retrainer.ts';

/** Trains models from what is in Kafka, promotes what passes its gate, and notices when a model no longer fits. */
export const retrainer = defineService({
  name: 'retrainer',
  config: retrainerConfig,
  async open(context): Promise<RunningService> {
    const { config, clock, log, server } = context;
    await using opened = new AsyncDisposableStack();
    const ending = new AbortController();
    opened.defer(() => ending.abort());
    const kafka = opened.use(openKafkaOf(context));
    const codecs = { registry: createRegistryOf(context), executors: createExecutorsOf(context) };
    const models = opened.use(
      await openCatalogue(kafka, {
        topic: config.modelsTopic,
        signal: ending.signal,
        unreadable: (key, reason) => log('catalogue.unreadable', { key, reason }),
      }),
    );
    models.ended.catch((thrown: unknown) => context.fail(thrown));
    const metrics = opened.use(createRetrainMetrics(context.telemetry, models));
    const retraining = opened.use(
      await Retrainer.open({
        kafka,
        ...codecs,
        models,
        clock,
        metrics,
        redis: { url: config.redis, prefix: config.redisPrefix },
        folder: config.retrainFolder,
        trainingsMax: config.trainingsMax,
        lockMs: config.retrainLockMs,
        recordsMax: config.recordsMax,
        pollMs: config.retrainPollMs,
        log,
      }),
    );
    let applying: Promise<void> = Promise.resolve();
    let isEnding = false;
    opened.defer(() => {
      isEnding = true;
    });
    opened.use(
      await watchPipelines(kafka, {
        topic: config.pipelinesTopic,
        signal: ending.signal,
        changed: (pipeline, plan) => {
          applying = applying
            .then(() => retraining.apply(pipeline, plan))
            .catch((thrown: unknown) => isEnding || context.fail(thrown))
            .then(() => undefined);
        },
        unreadable: (pipeline, reason) => log('pipeline.unreadable', { pipeline, reason }),
      }),
    );
    serveRetrain(server, { retrainer: retraining, models });
    const closing = opened.move();
    const drain = (): Promise<void> => {
      isEnding = true;
      return retraining.drain();
    };
    return { drain, [Symbol.asyncDispose]: () => closing.disposeAsync() };
  },
});
