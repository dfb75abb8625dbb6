import { type Binding, type Clock, type Decoder, Problem, type Rows, systemClock } from '@penstock/kernel';
import { type CompiledDecoder, compileDecoder, compileMigratingDecoder, type DecoderOptions } from './codec.ts';
import { unknownSchema, unusableSchema } from './problems.ts';
import { messageAt } from './protobuf/message-index.ts';
import type { NamedSchema, SchemaRegistry, SchemaVersion } from './registry/registry.ts';
import { compileRules } from './rules/apply-rules.ts';
import { findMigration } from './rules/find-migration.ts';
import type { Migration } from './rules/migrate.ts';
import type { Schema } from './schema.ts';
import type { DecodeBody } from './wire/column-code.ts';
import { frameBytes, guidFrameBytes, messageIndexesOf, schemaNameOf } from './wire/frame.ts';
import { withHeaderFrame } from './wire/header-frame.ts';

export interface WireDecoderOptions extends DecoderOptions {
  /** Compiled decoders that are kept; the one unused for longest goes first. */
  readonly schemasMax?: number;
  /** For how long an id that the registry did not know is not asked for again. */
  readonly unknownForMs?: number;
  /** The version that the columns come from: records of its other versions pass the migrations between, and are read as records of it. */
  readonly readerVersion?: SchemaVersion;
  readonly clock?: Clock;
}

/** A schema that is known, with its readers by message, or the reason why its records are refused. */
type Entry = Known | { readonly kind: 'refused'; readonly problem: Problem; readonly untilMs: number };

interface Known {
  readonly kind: 'known';
  readonly schema: Schema;
  /** Bytes before the record, or the indexes of its message. */
  readonly head: number;
  readonly migration: Migration | null;
  /** By the record's place; a problem where the columns cannot be filled from that message. */
  readonly bodies: Map<string, CompiledDecoder | Problem>;
  /** That of the only or first message, once it was needed. */
  first: DecodeBody | null;
  /** True where its rules may have to be waited for, record by record. */
  readonly waits: boolean;
}

/** By what a payload names its schema: an id, or a GUID. */
type SchemaName = ReturnType<typeof schemaNameOf>;

/** Which message of the schema a record is, and where it starts in the payload. */
type Place = ReturnType<typeof messageIndexesOf>;

const bodiesMax = 64;

/**
 * Reads records in Confluent's wire format, each by the schema that it was written with, into the same columns: by its id or its GUID,
 * before the record or in a header. `prepare` fetches what is new; what the registry does not know rejects the record, a registry that does not answer is thrown as the
 * outage that it is.
 */
export function createWireDecoder(
  registry: SchemaRegistry,
  bindings: readonly Binding[],
  options: WireDecoderOptions = {},
): Decoder {
  return new WireDecoder(registry, bindings, options);
}

class WireDecoder implements Decoder {
  readonly #registry: SchemaRegistry;
  readonly #bindings: readonly Binding[];
  readonly #options: WireDecoderOptions;
  readonly #clock: Clock;
  readonly #entries = new Map<SchemaName, Entry>();
  #lastName: SchemaName = -1;
  #lastEntry: Entry | null = null;

  constructor(registry: SchemaRegistry, bindings: readonly Binding[], options: WireDecoderOptions) {
    this.#registry = registry;
    this.#bindings = bindings;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  readonly framed = withHeaderFrame;

  prepare(payload: Uint8Array): Promise<void> | null {
    const name = schemaNameOf(payload);
    if (name === this.#lastName) return null;
    const entry = this.#entries.get(name);
    if (entry === undefined || (entry.kind === 'refused' && entry.untilMs <= this.#clock.nowMs()))
      return this.#fetch(name).then((fetched) => (fetched === null ? undefined : (this.#prepare(fetched, payload) ?? undefined)));
    if (entry.kind === 'refused') return null;
    this.#use(name, entry);
    return this.#prepare(entry, payload);
  }

  /** Lets rules that are waited for begin. What is wrong with the payload is for `decode` to say. */
  #prepare(entry: Known, payload: Uint8Array): Promise<void> | null {
    if (!entry.waits) return null;
    try {
      return this.#bodyOf(entry, payload).prepare?.(payload) ?? null;
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.remedy !== 'reject') throw thrown;
      return null;
    }
  }

  decode(payload: Uint8Array, rows: Rows, row: number): void {
    const name = schemaNameOf(payload);
    const entry = name === this.#lastName ? this.#lastEntry : this.#entries.get(name);
    if (entry === undefined || entry === null) throw new TypeError(`decode before prepare: schema ${name}`);
    if (entry.kind === 'refused') throw entry.problem;
    if (isFirst(entry, payload)) (entry.first ?? this.#first(entry))(payload, rows, row);
    else this.#bodyOf(entry, payload).decode(payload, rows, row);
  }

  #first(entry: Known): DecodeBody {
    entry.first = this.#body(entry, firstPlace(entry)).decode;
    return entry.first;
  }

  #bodyOf(entry: Known, payload: Uint8Array): CompiledDecoder {
    return this.#body(entry, isFirst(entry, payload) ? firstPlace(entry) : messageIndexesOf(payload));
  }

  /** Null where what it names is refused. */
  async #fetch(name: SchemaName): Promise<Known | null> {
    const found = await this.#ask(name).catch((thrown: unknown) => this.#unusable(name, thrown));
    if (found instanceof Problem) return this.#refuse(name, found);
    const waits = found.migration !== null || compileRules(found.schema, 'READ', this.#options)?.waits === true;
    const head = typeof name === 'number' ? frameBytes : guidFrameBytes;
    const entry: Known = { kind: 'known', ...found, head, bodies: new Map(), first: null, waits };
    this.#use(name, entry);
    return entry;
  }

  async #ask(name: SchemaName): Promise<Pick<Known, 'schema' | 'migration'>> {
    const found = await this.#named(name);
    if (found === null) throw unknownSchema(`the registry knows no schema ${name}`, { facts: { schemaId: name } });
    const { id, schema } = found;
    const { readerVersion } = this.#options;
    if (readerVersion === undefined || id === null) return { schema, migration: null };
    return { schema, migration: await findMigration(this.#registry, { id, schema }, readerVersion) };
  }

  async #named(name: SchemaName): Promise<NamedSchema | null> {
    if (typeof name === 'string') return (await this.#registry.byGuid?.(name)) ?? null;
    const schema = await this.#registry.schema(name);
    return schema === null ? null : { id: name, schema };
  }

  /** A schema that cannot be parsed is the record's fault; a registry that cannot be asked is not. */
  #unusable(name: SchemaName, thrown: unknown): Problem {
    if (!(thrown instanceof Problem) || thrown.remedy === 'retry') throw thrown;
    if (thrown.remedy === 'reject') return thrown;
    return unusableSchema(`schema ${name}: ${thrown.message}`, { facts: { schemaId: name }, cause: thrown });
  }

  #refuse(name: SchemaName, problem: Problem): null {
    this.#keep(name, { kind: 'refused', problem, untilMs: this.#clock.nowMs() + (this.#options.unknownForMs ?? 10_000) });
    return null;
  }

  /** What was named last is not looked at again, unless each of its records has to be prepared. */
  #use(name: SchemaName, entry: Known): void {
    if (!entry.waits) {
      this.#lastName = name;
      this.#lastEntry = entry;
    }
    this.#keep(name, entry);
  }

  #keep(name: SchemaName, entry: Entry): void {
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    if (this.#entries.size > (this.#options.schemasMax ?? 1_000))
      this.#entries.delete(this.#entries.keys().next().value as SchemaName);
  }

  #body(entry: Known, place: Place): CompiledDecoder {
    const key = `${place.start}:${place.indexes.join('.')}`;
    const body = entry.bodies.get(key) ?? this.#compile(entry, place);
    if (entry.bodies.size < bodiesMax) entry.bodies.set(key, body);
    if (body instanceof Problem) throw body;
    return body;
  }

  #compile({ schema, migration }: Known, { indexes, start }: Place): CompiledDecoder | Problem {
    const options = { ...this.#options, start };
    try {
      const ofMessage = withMessage(schema, indexes);
      if (migration === null || !isSameMessage(ofMessage, migration.reader))
        return compileDecoder(ofMessage, this.#bindings, options);
      return compileMigratingDecoder({ ...migration, writer: ofMessage }, this.#bindings, options);
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      return unusableSchema(`${schema.shape.name}: ${thrown.message}`, { cause: thrown });
    }
  }
}

/** A schema of the message that records are by their indexes. Throws `schema.unusable`. */
function withMessage(schema: Schema, indexes: readonly number[]): Schema {
  if (schema.format !== 'PROTOBUF') return schema;
  const message = messageAt(schema.file, indexes);
  if (message === undefined) throw unusableSchema(`the schema has no message at [${indexes.join('.')}]`);
  return { ...schema, message };
}

/** False for messages of Protobuf of which a subject may have several. */
function isSameMessage(one: Schema, other: Schema): boolean {
  if (one.format !== 'PROTOBUF' || other.format !== 'PROTOBUF') return true;
  return one.message.typeName === other.message.typeName;
}

/** True for records of the only or first message. */
function isFirst({ schema, head }: Known, payload: Uint8Array): boolean {
  return schema.format !== 'PROTOBUF' || payload[head] === 0;
}

function firstPlace({ schema, head }: Known): Place {
  return { indexes: [0], start: schema.format === 'PROTOBUF' ? head + 1 : head };
}
