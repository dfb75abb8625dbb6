import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BinaryReader } from '@bufbuild/protobuf/wire';

export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'counter' | 'histogram';
}

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  /** The traces that it links to. */
  readonly links: readonly string[];
}

/** Takes what services export over OTLP (http/protobuf), as a collector does, and knows what came. */
export interface Collector extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string;
  readonly metrics: ReadonlyMap<string, ReceivedMetric>;
  readonly spans: readonly ReceivedSpan[];
  /** Everything that came of one signal, one character a byte. */
  raw(signal: 'traces' | 'metrics' | 'logs'): string;
}

export async function openCollector(): Promise<Collector> {
  const metrics = new Map<string, ReceivedMetric>();
  const spans: ReceivedSpan[] = [];
  const received = new Map<string, Buffer[]>();
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const path = request.url ?? '';
    received.set(path, [...(received.get(path) ?? []), body]);
    if (path === '/v1/metrics') for (const metric of metricsIn(body)) metrics.set(metric.name, metric);
    if (path === '/v1/traces') spans.push(...spansIn(body));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  };
  const server = createServer((request, response) => void take(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    metrics,
    spans,
    raw: (signal) => Buffer.concat(received.get(`/v1/${signal}`) ?? []).toString('latin1'),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type Fields = ReadonlyMap<number, readonly Uint8Array[]>;

/** The length-delimited fields of a message by their numbers; the rest is passed over. */
function fieldsOf(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, Uint8Array[]>();
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (wireType === 2) fields.set(number, [...(fields.get(number) ?? []), reader.bytes()]);
    else reader.skip(wireType, number);
  }
  return fields;
}

/** Every message that is found by these field numbers, one below the other. */
function below(bytes: Uint8Array, path: readonly number[]): Fields[] {
  const [number, ...rest] = path;
  const fields = fieldsOf(bytes);
  if (number === undefined) return [fields];
  return (fields.get(number) ?? []).flatMap((inner) => below(inner, rest));
}

const text = (fields: Fields, number: number): string => Buffer.from(fields.get(number)?.[0] ?? []).toString('utf8');
const hex = (fields: Fields, number: number): string => Buffer.from(fields.get(number)?.[0] ?? []).toString('hex');

/** ResourceMetrics 1, ScopeMetrics 2, Metric 2: name 1, unit 3, gauge 5, sum 7, else a histogram. */
function metricsIn(body: Uint8Array): ReceivedMetric[] {
  return below(body, [1, 2, 2]).map((metric) => ({
    name: text(metric, 1),
    unit: text(metric, 3),
    kind: metric.has(5) ? 'gauge' : metric.has(7) ? 'counter' : 'histogram',
  }));
}

/** ResourceSpans 1, ScopeSpans 2, Span 2: trace 1, span 2, parent 4, name 5, links 13. */
function spansIn(body: Uint8Array): ReceivedSpan[] {
  return below(body, [1, 2, 2]).map((span) => ({
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    parentSpanId: hex(span, 4),
    name: text(span, 5),
    links: (span.get(13) ?? []).map((link) => hex(fieldsOf(link), 1)),
  }));
}
