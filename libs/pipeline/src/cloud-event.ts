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

const text = new TextDecoder();
const version: Header = ['ce_specversion', Buffer.from('1.0')];
const constants = new WeakMap<CloudEventKind, readonly Header[]>();

/** The headers by which a record is known everywhere: its id and its event time. */
export function stampOf(kind: CloudEventKind, id: string, timeMs: number): readonly Header[] {
  let constant = constants.get(kind);
  if (constant === undefined) {
    constant = [version, ['ce_source', Buffer.from(kind.source)], ['ce_type', Buffer.from(kind.type)]];
    if (kind.pipelineVersion !== undefined) constant = [...constant, ['ce_pipelineversion', Buffer.from(kind.pipelineVersion)]];
    constants.set(kind, constant);
  }
  return [...constant, ['ce_id', Buffer.from(id)], ['ce_time', Buffer.from(new Date(timeMs).toISOString())]];
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
