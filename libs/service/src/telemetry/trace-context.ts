import { isSpanContextValid, type SpanContext } from '@opentelemetry/api';

/** A record's headers: names may repeat, order is kept. */
export type TraceHeaders = readonly (readonly [name: string, value: Uint8Array | null])[];

const shape = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Reads a W3C `traceparent`; null when it is none. */
export function parseTraceparent(value: string): SpanContext | null {
  const [, version, traceId = '', spanId = '', flags = ''] = shape.exec(value) ?? [];
  if (version === undefined || version === 'ff') return null;
  const parsed: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(parsed) ? parsed : null;
}

export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** The span that a record came from; null when its headers name none. */
export function traceOf(headers: TraceHeaders): SpanContext | null {
  for (const [name, value] of headers) if (name === 'traceparent' && value !== null) return parseTraceparent(text.decode(value));
  return null;
}

/** The header by which a record names the span that it came from. */
export function traceHeader(span: SpanContext): readonly [name: string, value: Uint8Array] {
  return ['traceparent', utf8.encode(formatTraceparent(span))];
}
