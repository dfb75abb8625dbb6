import { context, type Span, SpanKind, trace } from '@opentelemetry/api';
import type { StagePlan } from '@penstock/document';
import { type Rows, rowFate } from '@penstock/kernel';
import type { LaneContext, OpenTransform } from '@penstock/pipeline';
import { type Telemetry, traceHeader, traceOf } from '@penstock/service';

/**
 * The last step of a traced stage: outputs that no trace came with get one, which whoever reads them goes on with. Readings of
 * devices that bring none share a span for their batch; an aggregate's is a child of the record that closed its window.
 */
export function originateTraces({ tracer }: Telemetry, { pipeline, name }: StagePlan): OpenTransform {
  const begin = (lane: LaneContext): Span => {
    const { batch } = lane;
    const parent = batch === null || batch.length === 0 ? null : traceOf(batch.headers(batch.length - 1));
    const startTime = batch === null || batch.length === 0 ? lane.nowMs : batch.arrivedAtMs(0);
    const around = parent === null ? context.active() : trace.setSpanContext(context.active(), parent);
    return tracer.startSpan(`originate ${pipeline}.${name}`, { kind: SpanKind.PRODUCER, startTime }, around);
  };
  const mark = (rows: Rows, lane: LaneContext): void => {
    let span: Span | null = null;
    for (let row = 0; row < rows.length; row += 1) {
      if (rows.fate[row] !== rowFate.flowing || hasTrace(rows, row, lane)) continue;
      span ??= begin(lane);
      lane.annotate(row, [traceHeader(span.spanContext())]);
    }
    span?.end();
  };
  return () => ({ process: mark });
}

function hasTrace(rows: Rows, row: number, { batch }: LaneContext): boolean {
  return batch !== null && row < rows.inputs && traceOf(batch.headers(row)) !== null;
}
