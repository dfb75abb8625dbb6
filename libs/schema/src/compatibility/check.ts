import type { JsonSchema } from '../json/schema.ts';
import type { Schema } from '../schema.ts';
import { checkAvro } from './avro.ts';
import type { Incompatibility } from './incompatibility.ts';
import { type CompatibilityPolicy, checkJson } from './json/check.ts';
import { type CompatibilityLevel, isReadByOlder, isTransitive, readsOlder } from './level.ts';
import { checkProtobuf } from './protobuf.ts';

/** An earlier version that a candidate does not go with. */
export interface VersionIncompatibility extends Incompatibility {
  readonly version: number;
  /** `BACKWARD`: the candidate cannot read what the version wrote. `FORWARD`: the version cannot read what the candidate writes. */
  readonly direction: 'BACKWARD' | 'FORWARD';
}

export interface EarlierVersion {
  readonly version: number;
  readonly schema: Schema;
}

export interface CompatibilityRule {
  readonly level: CompatibilityLevel;
  /** Of JSON Schema alone. */
  readonly policy?: CompatibilityPolicy;
}

/** Who has read so many does not wait for those of earlier versions, and a list of all would have no end. */
const reasonsMax = 10_000;

/**
 * Every reason why the candidate may not follow the earlier versions (oldest first) under a level; none: it may. Throws
 * `schema.not-supported` where no verdict can be given.
 */
export function checkCompatibility(
  rule: CompatibilityLevel | CompatibilityRule,
  candidate: Schema,
  earlier: readonly EarlierVersion[],
): VersionIncompatibility[] {
  const { level, policy = 'STRICT' } = typeof rule === 'string' ? { level: rule } : rule;
  const compared = isTransitive(level) ? [...earlier].reverse() : earlier.slice(-1);
  const found: VersionIncompatibility[] = [];
  for (const { version, schema } of compared) {
    if (found.length > reasonsMax) break;
    const backward = readsOlder(level) ? checkReads(candidate, schema, policy) : [];
    const forward = isReadByOlder(level) ? checkReads(schema, candidate, policy) : [];
    for (const each of backward) found.push({ ...each, version, direction: 'BACKWARD' });
    for (const each of forward) found.push({ ...each, version, direction: 'FORWARD' });
  }
  return found;
}

/** Every reason why `reader` cannot read what `writer` wrote. Throws `schema.not-supported`. */
export function checkReads(reader: Schema, writer: Schema, policy: CompatibilityPolicy = 'STRICT'): Incompatibility[] {
  if (reader === writer) return [];
  if (reader.format === 'AVRO' && writer.format === 'AVRO') return checkAvro(reader.type, writer.type);
  if (reader.format === 'PROTOBUF' && writer.format === 'PROTOBUF') return checkProtobuf(reader, writer);
  if (reader.format === 'JSON' && writer.format === 'JSON')
    return isSame(reader, writer) ? [] : checkJson(reader, writer, policy);
  const message = `${writer.format} cannot be read as ${reader.format}`;
  return [{ type: 'SCHEMA_TYPE_CHANGED', path: '/', message, reader: reader.format, writer: writer.format }];
}

/** The same words mean the same where they refer to nothing else. */
function isSame(reader: JsonSchema, writer: JsonSchema): boolean {
  return reader.canonical === writer.canonical && reader.imports.size === 0 && writer.imports.size === 0;
}
