import { createFilterFile, createFilterMemory } from '@penstock/mqtt';
import { dataServiceConfig, openDataService } from '@penstock/runner';
import { defineService } from '@penstock/service';
import { z } from 'zod';
import { serveIngest } from './ingest-api.ts';
import { createIngestMetrics } from './ingest-metrics.ts';
import { IngestStages } from './ingest-stages.ts';
import { openMqttEnd } from './mqtt-end.ts';

const config = dataServiceConfig.extend({
  mqttFilters: z.string().optional().describe('The file in which it is remembered over restarts what sessions are subscribed to'),
});

/** Brings readings into Kafka: from MQTT, acknowledged when they are stored, and from programs over gRPC. */
export const mqttIngestor = defineService({
  name: 'mqtt-ingestor',
  config,
  async open(context) {
    const { clock, telemetry } = context;
    const { mqttFilters } = context.config;
    const remembered = mqttFilters === undefined ? createFilterMemory() : createFilterFile(mqttFilters);
    const service = await openDataService(context, {
      service: 'mqtt-ingestor',
      ends: { mqtt: (plan, at) => openMqttEnd(plan, at, { clock, remembered }) },
    });
    const stages = new IngestStages({ ...service, clock, pipelines: () => service.host.pipelines() });
    serveIngest(context.server, { stages, answered: createIngestMetrics(telemetry.meter) });
    return {
      drain: () => service.drain(),
      async [Symbol.asyncDispose]() {
        await stages[Symbol.asyncDispose]();
        await service[Symbol.asyncDispose]();
      },
    };
  },
});
