import { context, type Link, type ObservableResult, type SpanContext, SpanKind, trace } from '@opentelemetry/api';
import type { StagePlan } from '@penstock/document';
import type { Batch } from '@penstock/pipeline';
import { type Telemetry, traceOf } from '@penstock/service';
import type { HostedStage } from './hosted-stage.ts';
import type { Settled } from './stage-status.ts';

/** Every metric that stages emit: dashboards may ask for these and no others. */
export const stageMetrics = {
  consumed: { name: 'penstock.stage.consumed', unit: '{row}', description: 'Rows taken in' },
  rows: { name: 'penstock.stage.rows', unit: '{row}', description: 'Rows settled, by what became of them' },
  outputs: { name: 'penstock.stage.outputs', unit: '{record}', description: 'Records stored, by route' },
  rejected: { name: 'penstock.stage.rejected', unit: '{row}', description: 'Rows rejected, by code' },
  retries: { name: 'penstock.stage.retries', unit: '{retry}', description: 'Times a lane met a problem and was claimed anew' },
  inFlight: { name: 'penstock.stage.in_flight', unit: '{row}', description: 'Rows taken in and not settled' },
  lag: { name: 'penstock.stage.lag', unit: '{record}', description: 'Records stored in the input in front of the stage' },
  unbalanced: {
    name: 'penstock.stage.unbalanced',
    unit: '{stage}',
    description: '1 while rows in and rows accounted for differ',
  },
  latency: { name: 'penstock.stage.latency', unit: 'ms', description: 'From arrival in the input to stored' },
} as const;

export interface StageMetrics extends Disposable {
  settled(plan: StagePlan, settled: Settled): void;
}

type Observe = (stage: HostedStage, say: (value: number, more?: Record<string, string>) => void) => void;

const counters: readonly (readonly [keyof typeof stageMetrics, Observe])[] = [
  ['consumed', ({ reading }, say) => say(reading.ledger.consumed)],
  ['rows', ({ reading }, say) => Object.entries(reading.ledger.fates).forEach(([fate, rows]) => say(rows, { fate }))],
  ['outputs', ({ reading }, say) => reading.ledger.outputs.forEach((records, route) => say(records, { route }))],
  ['rejected', ({ reading }, say) => Object.entries(reading.rejected).forEach(([code, rows]) => say(rows, { code }))],
  ['retries', ({ reading }, say) => say(reading.retries)],
];

const gauges: readonly (readonly [keyof typeof stageMetrics, Observe])[] = [
  ['inFlight', ({ reading }, say) => say(reading.ledger.inFlight)],
  ['lag', ({ reading }, say) => say([...reading.lag.values()].reduce((sum, records) => sum + records, 0))],
  ['unbalanced', ({ reading }, say) => say(reading.balances ? 0 : 1)],
];

/** Emits what stages read of themselves when somebody collects; spans and latencies are told as deliveries settle. */
export function createStageMetrics(telemetry: Telemetry, stages: () => readonly HostedStage[]): StageMetrics {
  const { meter } = telemetry;
  const stops = [
    ...counters.map(([key, observe]) =>
      attach(meter.createObservableCounter(stageMetrics[key].name, stageMetrics[key]), observe),
    ),
    ...gauges.map(([key, observe]) => attach(meter.createObservableGauge(stageMetrics[key].name, stageMetrics[key]), observe)),
  ];
  const latency = meter.createHistogram(stageMetrics.latency.name, stageMetrics.latency);
  return {
    settled(plan, settled) {
      if (!telemetry.on) return;
      if (settled.latencyMs !== null) latency.record(settled.latencyMs, { pipeline: plan.pipeline, stage: plan.name });
      traceDelivery(telemetry, plan, settled);
    },
    [Symbol.dispose]: () => stops.forEach((stop) => stop()),
  };

  function attach(
    instrument: {
      addCallback(callback: (result: ObservableResult) => void): void;
      removeCallback(callback: (result: ObservableResult) => void): void;
    },
    observe: Observe,
  ): () => void {
    const callback = (result: ObservableResult): void => {
      for (const stage of stages()) {
        const { pipeline, name } = stage.plan;
        observe(stage, (value, more) => result.observe(value, { pipeline, stage: name, ...more }));
      }
    };
    instrument.addCallback(callback);
    return () => instrument.removeCallback(callback);
  }
}

const linksMax = 16;

/** One span for a delivery: a child of the first record's trace, linked to the others. */
function traceDelivery({ tracer }: Telemetry, { pipeline, name }: StagePlan, { delivery, batch, tookMs }: Settled): void {
  if (batch === null || batch.length === 0) return;
  const [first, ...others] = tracesOf(batch);
  const parent = first === undefined ? context.active() : trace.setSpanContext(context.active(), first);
  const links = others.map((other): Link => ({ context: other }));
  const endMs = Date.now();
  const attributes = {
    'messaging.operation.type': 'process',
    'messaging.batch.message_count': batch.length,
    'penstock.pipeline': pipeline,
    'penstock.stage': name,
    'penstock.lane': delivery.lane,
    'penstock.from': delivery.from,
    'penstock.to': delivery.to,
  };
  const startTime = endMs - tookMs;
  tracer.startSpan(`process ${pipeline}.${name}`, { kind: SpanKind.CONSUMER, startTime, attributes, links }, parent).end(endMs);
}

/** The distinct spans that a batch's records came from, as many as a span may name. */
function tracesOf(batch: Batch): SpanContext[] {
  const found = new Map<string, SpanContext>();
  for (let row = 0; row < batch.length && found.size <= linksMax; row += 1) {
    const span = traceOf(batch.headers(row));
    if (span !== null) found.set(span.spanId, span);
  }
  return [...found.values()];
}
