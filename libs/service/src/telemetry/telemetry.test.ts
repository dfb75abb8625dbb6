import { expect, test } from '@jest/globals';
import { stages } from '@penstock/contracts';
import { openCollector, until } from '@penstock/testing';
import { createGrpcClient } from '../grpc/client.ts';
import { ServiceProcess } from '../testing/service-process.ts';
import { serviceMetrics } from './metrics.ts';
import { openTelemetry } from './telemetry.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${spanId}-01`;

test('traces, metrics and logs of a service arrive, the last ones after its drain', async () => {
  await using collector = await openCollector();
  await using service = new ServiceProcess({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    OTEL_METRIC_EXPORT_TIMEOUT: '200',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  });
  const ready = await service.line('service.ready');
  using client = createGrpcClient(stages.StagesServiceClient, String(ready['grpc']));
  await client.listStages({ pipeline: 'rooms' }, { metadata: { traceparent } });
  await until(() => Object.values(serviceMetrics).every(({ name, unit }) => collector.metrics.get(name)?.unit === unit), {
    deadlineMs: 10_000,
    what: 'all metrics that the kit declares',
  });
  service.kill('SIGTERM');
  expect(await service.ended()).toBe(0);
  expect(service.stderr).toBe('');

  expect(collector.spans).toMatchObject([
    { name: 'penstock.stages.v1.StagesService/ListStages', traceId, parentSpanId: spanId, links: [] },
  ]);
  for (const event of ['service.ready', 'service.draining', 'service.ended']) expect(collector.raw('logs')).toContain(event);
  for (const signal of ['traces', 'metrics', 'logs'] as const) {
    for (const attribute of ['sample', 'penstock', 'deployment.environment.name'])
      expect(collector.raw(signal)).toContain(attribute);
  }
});

test('a collector that is not there delays neither the service nor its end, and is no reason to shout', async () => {
  await using service = new ServiceProcess({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
  await service.line('service.ready');
  const asked = performance.now();
  service.kill('SIGTERM');
  expect(await service.ended()).toBe(0);
  expect(performance.now() - asked).toBeLessThan(8_000);
});

test('without an endpoint nothing is on', async () => {
  await using telemetry = await openTelemetry('sample', {});
  expect(telemetry.on).toBe(false);
  const span = telemetry.tracer.startSpan('none');
  expect(span.isRecording()).toBe(false);
  await using off = await openTelemetry('sample', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_SDK_DISABLED: 'true' });
  expect(off.on).toBe(false);
});
