import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { stages } from '@penstock/contracts';
import { until } from '@penstock/testing';
import { createGrpcClient } from '../grpc/client.ts';
import { ServiceProcess } from '../testing/service-process.ts';
import { serviceMetrics } from './metrics.ts';
import { openTelemetry } from './telemetry.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** Takes what is exported, as a collector does. */
class Collector implements AsyncDisposable {
  readonly received = new Map<string, string>();
  readonly #server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url ?? '';
    this.received.set(path, (this.received.get(path) ?? '') + Buffer.concat(chunks).toString('latin1'));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }
}

test('traces, metrics and logs of a service arrive, the last ones after its drain', async () => {
  await using collector = new Collector();
  const endpoint = await collector.listen();
  await using service = new ServiceProcess({
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    OTEL_METRIC_EXPORT_TIMEOUT: '200',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  });
  const ready = await service.line('service.ready');
  using client = createGrpcClient(stages.StagesServiceClient, String(ready['grpc']));
  await client.listStages({ pipeline: 'rooms' }, { metadata: { traceparent } });
  const metricNames = Object.values(serviceMetrics).map(({ name }) => name);
  await until(() => metricNames.every((name) => collector.received.get('/v1/metrics')?.includes(name)), {
    deadlineMs: 10_000,
    what: 'all metrics that the kit declares',
  });
  service.kill('SIGTERM');
  expect(await service.ended()).toBe(0);
  expect(service.stderr).toBe('');

  const traces = collector.received.get('/v1/traces') ?? '';
  expect(traces).toContain('penstock.stages.v1.StagesService/ListStages');
  expect(traces).toContain(Buffer.from('0af7651916cd43dd8448eb211c80319c', 'hex').toString('latin1'));
  const logs = collector.received.get('/v1/logs') ?? '';
  for (const event of ['service.ready', 'service.draining', 'service.ended']) expect(logs).toContain(event);
  for (const signal of [traces, logs, collector.received.get('/v1/metrics')]) {
    for (const attribute of ['sample', 'penstock', 'deployment.environment.name']) expect(signal).toContain(attribute);
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
