import type { Metadata } from '@grpc/grpc-js';
import {
  type Attributes,
  context as contexts,
  type Histogram,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { messageOf } from '@penstock/kernel';
import { durationBuckets, serviceMetrics } from '../telemetry/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { formatTraceparent, parseTraceparent } from '../telemetry/trace-context.ts';

/** One call as telemetry sees it. */
export interface SeenCall {
  /** Runs the work with the call's span as the current one. */
  within<Value>(work: () => Promise<Value>): Promise<Value>;
  ended(status: string, defect?: unknown): void;
}

export type ObserveCall = (path: string, metadata: Metadata) => SeenCall;

const unseen: SeenCall = { within: (work) => work(), ended: () => undefined };

/** A span and a duration for each call that comes in; the span is a child of the caller's. */
export function createCallObserver(telemetry: Telemetry): ObserveCall {
  if (!telemetry.on) return () => unseen;
  const { name, ...options } = serviceMetrics.callDuration;
  const duration = telemetry.meter.createHistogram(name, { ...options, advice: { explicitBucketBoundaries: durationBuckets } });
  return (path, metadata) => observeCall({ telemetry, duration }, path.slice(1), metadata);
}

function observeCall(
  { telemetry, duration }: { telemetry: Telemetry; duration: Histogram },
  method: string,
  metadata: Metadata,
): SeenCall {
  const parent = parseTraceparent(String(metadata.get('traceparent')[0] ?? ''));
  const around = parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
  const attributes: Attributes = { 'rpc.system.name': 'grpc', 'rpc.method': method };
  const span = telemetry.tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, around);
  const startedMs = performance.now();
  return {
    within: (work) => contexts.with(trace.setSpan(around, span), work),
    ended(status, defect) {
      const outcome = { 'rpc.response.status_code': status };
      duration.record((performance.now() - startedMs) / 1_000, { ...attributes, ...outcome });
      span.setAttributes(outcome);
      if (defect !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(defect) });
      span.end();
    },
  };
}

/** Tells the service that is called which span it works for. */
export function injectTrace(metadata: Metadata): void {
  const current = trace.getActiveSpan()?.spanContext();
  if (current !== undefined) metadata.set('traceparent', formatTraceparent(current));
}
