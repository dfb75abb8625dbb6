import { invalidSchema } from '../problems.ts';
import type { AvroRecord, AvroType, AvroUnion } from './model.ts';

/** A record's own defaults may be records in turn: many values of few letters, or a value that never ends. */
const valuesMax = 1_000_000;
const depthMax = 256;

/** What writing the defaults of one schema has taken. */
export interface Effort {
  values: number;
  depth: number;
}

/**
 * The bytes of a default given as JSON (Avro 1.12, "Complex Types"), or null when it is no value of the type. Throws
 * `schema.invalid-schema` where it has no end.
 */
export function writeDefault(type: AvroType, json: unknown, effort: Effort = { values: 0, depth: 0 }): Uint8Array | null {
  effort.values += 1;
  if (effort.values > valuesMax) throw invalidSchema(`Avro schema: defaults of more than ${valuesMax} values`);
  if (effort.depth > depthMax) throw invalidSchema(`Avro schema: a default nested deeper than ${depthMax}, or within itself`);
  effort.depth += 1;
  const bytes = write(type, json, effort);
  effort.depth -= 1;
  return bytes;
}

function write(type: AvroType, json: unknown, effort: Effort): Uint8Array | null {
  switch (type.kind) {
    case 'null':
      return json === null ? new Uint8Array(0) : null;
    case 'boolean':
      return typeof json === 'boolean' ? Uint8Array.of(json ? 1 : 0) : null;
    case 'int':
      return isWhole(json) && json === (json | 0) ? zigzag(json) : null;
    case 'long':
      return isLong(json) ? zigzag(json) : null;
    case 'float':
      return isReal(json) ? written(4, () => scratch.setFloat32(0, Number(json), true)) : null;
    case 'double':
      return isReal(json) ? written(8, () => scratch.setFloat64(0, Number(json), true)) : null;
    case 'bytes':
      return isBinary(json) ? sized(Buffer.from(json, 'latin1')) : null;
    case 'string':
      return typeof json === 'string' ? sized(Buffer.from(json)) : null;
    case 'fixed':
      return isBinary(json) && json.length === type.size ? Buffer.from(json, 'latin1') : null;
    case 'enum':
      return symbol(type.symbols.indexOf(json as string));
    case 'array':
      return Array.isArray(json) ? blocks(json.map((entry) => writeDefault(type.items, entry, effort))) : null;
    case 'map':
      return isObject(json)
        ? blocks(Object.entries(json).flatMap(([key, value]) => [pair(key, writeDefault(type.values, value, effort))]))
        : null;
    case 'record':
      return isObject(json) ? writeRecord(type, json, effort) : null;
    case 'union':
      return writeUnion(type, json, effort);
  }
}

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

/** A copy of what is written: an array of few bytes is made much faster than one of a number. */
function written(length: number, write: () => void): Uint8Array {
  write();
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = scratchBytes[at] as number;
  return bytes;
}

/** The first branch that the value is of: the branches of a union in any order, as of Avro 1.12. */
function writeUnion({ branches }: AvroUnion, json: unknown, effort: Effort): Uint8Array | null {
  for (const [index, branch] of branches.entries()) {
    const bytes = writeDefault(branch, json, effort);
    if (bytes !== null) return Buffer.concat([zigzag(index), bytes]);
  }
  return null;
}

function writeRecord(type: AvroRecord, json: Readonly<Record<string, unknown>>, effort: Effort): Uint8Array | null {
  const parts: Uint8Array[] = [];
  for (const field of type.fields) {
    const value = Object.hasOwn(json, field.name) ? json[field.name] : field.default?.json;
    const bytes = value === undefined ? null : writeDefault(field.type, value, effort);
    if (bytes === null) return null;
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

function symbol(index: number): Uint8Array | null {
  return index < 0 ? null : zigzag(index);
}

function pair(key: string, value: Uint8Array | null): Uint8Array | null {
  return value === null ? null : Buffer.concat([sized(Buffer.from(key)), value]);
}

function blocks(entries: readonly (Uint8Array | null)[]): Uint8Array | null {
  if (entries.some((entry) => entry === null)) return null;
  if (entries.length === 0) return Uint8Array.of(0);
  return Buffer.concat([zigzag(entries.length), ...(entries as Uint8Array[]), Uint8Array.of(0)]);
}

function sized(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([zigzag(bytes.length), bytes]);
}

const longMax = 2n ** 63n - 1n;

function zigzag(value: number): Uint8Array {
  const bytes: number[] = [];
  // The highest long is 2^63 as a double, one too many.
  const whole = BigInt(value) > longMax ? longMax : BigInt(value);
  let rest = whole < 0 ? -whole * 2n - 1n : whole * 2n;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/** Beyond 2^53 a default is not exact any more, and decoders refuse to fill it in; as a schema it is right all the same. */
function isLong(json: unknown): json is number {
  return Number.isInteger(json) && Math.abs(json as number) <= 2 ** 63;
}

/** What JSON has no number for, Avro for Java reads from these words. */
const unlikeNumbers: readonly unknown[] = ['NaN', 'Infinity', '-Infinity'];

function isReal(json: unknown): boolean {
  return Number.isFinite(json) || unlikeNumbers.includes(json);
}

function isWhole(json: unknown): json is number {
  return Number.isSafeInteger(json);
}

/** Bytes in JSON: one character for each byte. */
function isBinary(json: unknown): json is string {
  return typeof json === 'string' && [...json].every((character) => character.charCodeAt(0) < 256);
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
