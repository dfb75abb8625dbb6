import type { Header } from './batch.ts';

/** CloudEvents 1.0 attributes that are the same for all records of a stage (Kafka protocol binding, binary mode). */
export interface CloudEventKind {
  /** Who says so: `penstock/<pipeline>/<stage>`. */
  readonly source: string;
  /** What is said: the full name of the record's schema. */
  readonly type: string;
  /** By which version of the document it was made. */
  readonly pipelineVersion?: string;
}

const utf8 = new TextEncoder();
const text = new TextDecoder();
const version: Header = ['ce_specversion', utf8.encode('1.0')];
const constants = new WeakMap<CloudEventKind, readonly Header[]>();

/** The headers by which a record is known everywhere: its id and its event time. */
export function stampOf(kind: CloudEventKind, id: string, timeMs: number): readonly Header[] {
  let constant = constants.get(kind);
  if (constant === undefined) {
    constant = [version, ['ce_source', utf8.encode(kind.source)], ['ce_type', utf8.encode(kind.type)]];
    if (kind.pipelineVersion !== undefined) constant = [...constant, ['ce_pipelineversion', utf8.encode(kind.pipelineVersion)]];
    constants.set(kind, constant);
  }
  return [...constant, ['ce_id', utf8.encode(id)], ['ce_time', utf8.encode(new Date(timeMs).toISOString())]];
}

const stampNames = new Set(['ce_specversion', 'ce_source', 'ce_type', 'ce_id', 'ce_time', 'ce_pipelineversion']);

/** The headers without a stamp. */
export function unstamped(headers: readonly Header[]): readonly Header[] {
  return headers.some(([name]) => stampNames.has(name)) ? headers.filter(([name]) => !stampNames.has(name)) : headers;
}

function valueOf(headers: readonly Header[], name: string): string | null {
  for (const [found, value] of headers) if (found === name && value !== null) return text.decode(value);
  return null;
}

/** The id that a record was stamped with; null for a record of a foreign topic. */
export function stampedId(headers: readonly Header[]): string | null {
  return valueOf(headers, 'ce_id');
}

/** The event time that a record was stamped with, in milliseconds; null where there is none. */
export function stampedTimeMs(headers: readonly Header[]): number | null {
  const stamped = valueOf(headers, 'ce_time');
  if (stamped === null) return null;
  const timeMs = Date.parse(stamped);
  return Number.isNaN(timeMs) ? null : timeMs;
}
