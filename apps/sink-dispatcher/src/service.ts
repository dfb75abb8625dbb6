import { dataServiceConfig, openDataService } from '@penstock/runner';
import { defineService } from '@penstock/service';
import { serveDispatch } from './dispatch-api.ts';
import { openPostgresEnd } from './postgres-end.ts';
import { createSinkMetrics } from './sink-metrics.ts';

/** Delivers from Kafka to what is no Kafka, effectively once, and to other teams as a stream. */
export const sinkDispatcher = defineService({
  name: 'sink-dispatcher',
  config: dataServiceConfig,
  async open(context) {
    const stored = createSinkMetrics(context.telemetry.meter);
    const service = await openDataService(context, {
      service: 'sink-dispatcher',
      ends: { postgres: (plan, at) => openPostgresEnd(plan, at, stored(plan)) },
    });
    serveDispatch(context.server, service);
    return service;
  },
});
