import type { StateChange } from './delivery.ts';

/** How one store's values become bytes in the changelog. */
export interface StateCodec<Value> {
  encode(value: Value): Uint8Array;
  decode(bytes: Uint8Array): Value;
}

const text = new TextDecoder();

/** JSON keeps every finite double exactly. */
export function createJsonCodec<Value>(): StateCodec<Value> {
  return {
    encode: (value) => Buffer.from(JSON.stringify(value)),
    decode: (bytes) => JSON.parse(text.decode(bytes)) as Value,
  };
}

/** What a transform remembers, by key. A value that was changed in place is told by `set`. */
export interface KeyedStore<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  delete(key: string): void;
  entries(): IterableIterator<[string, Value]>;
}

/** A key and what is remembered of it; undefined: deleted, and not told yet. */
interface Entry<Value> {
  readonly key: string;
  /** The key in the changelog, made when it is first needed. */
  bytes: Uint8Array | null;
  value: Value | undefined;
  dirty: boolean;
}

class DirtyStore<Value> implements KeyedStore<Value> {
  readonly #name: string;
  readonly #codec: StateCodec<Value>;
  readonly #entries = new Map<string, Entry<Value>>();
  #dirty: Entry<Value>[] = [];
  /** Transforms look a key up and set it at once. */
  #last: Entry<Value> | undefined;

  constructor(name: string, codec: StateCodec<Value>, restored: ReadonlyMap<string, Uint8Array>) {
    this.#name = name;
    this.#codec = codec;
    for (const [key, bytes] of restored) this.#add(key, codec.decode(bytes));
  }

  get(key: string): Value | undefined {
    return this.#find(key)?.value;
  }

  set(key: string, value: Value): void {
    const entry = this.#find(key) ?? this.#add(key, value);
    entry.value = value;
    this.#mark(entry);
  }

  delete(key: string): void {
    const entry = this.#find(key);
    if (entry?.value === undefined) return;
    entry.value = undefined;
    this.#mark(entry);
  }

  *entries(): IterableIterator<[string, Value]> {
    for (const { key, value } of this.#entries.values()) if (value !== undefined) yield [key, value];
  }

  /** Appends what changed since the last call. */
  drain(changes: StateChange[]): void {
    for (const entry of this.#dirty) {
      entry.bytes ??= Buffer.from(entry.key);
      entry.dirty = false;
      const value = entry.value === undefined ? null : this.#codec.encode(entry.value);
      if (value === null) this.#forget(entry);
      changes.push({ store: this.#name, key: entry.bytes, value });
    }
    this.#dirty = [];
  }

  #find(key: string): Entry<Value> | undefined {
    if (this.#last?.key !== key) this.#last = this.#entries.get(key);
    return this.#last;
  }

  #add(key: string, value: Value): Entry<Value> {
    const entry: Entry<Value> = { key, bytes: null, value, dirty: false };
    this.#entries.set(key, entry);
    this.#last = entry;
    return entry;
  }

  #mark(entry: Entry<Value>): void {
    if (entry.dirty) return;
    entry.dirty = true;
    this.#dirty.push(entry);
  }

  #forget({ key }: Entry<Value>): void {
    this.#entries.delete(key);
    this.#last = undefined;
  }
}

/** The stores of one task, restored from a changelog and drained into deliveries. */
export class StateStores {
  readonly #restored = new Map<string, Map<string, Uint8Array>>();
  readonly #stores = new Map<string, DirtyStore<unknown>>();

  static async restore(changes: AsyncIterable<StateChange>): Promise<StateStores> {
    const stores = new StateStores();
    for await (const { store, key, value } of changes) stores.#keep(store, text.decode(key), value);
    return stores;
  }

  #keep(store: string, key: string, value: Uint8Array | null): void {
    const values = this.#restored.get(store) ?? new Map<string, Uint8Array>();
    if (value === null) values.delete(key);
    else values.set(key, value);
    this.#restored.set(store, values);
  }

  /** Opens a store; its name is unique in the task and never changes, since it stands in the changelog. */
  open<Value>(name: string, codec: StateCodec<Value>): KeyedStore<Value> {
    if (this.#stores.has(name)) throw new TypeError(`store ${name} is opened twice`);
    const store = new DirtyStore(name, codec, this.#restored.get(name) ?? new Map());
    this.#restored.delete(name);
    this.#stores.set(name, store as DirtyStore<unknown>);
    return store;
  }

  drain(): StateChange[] {
    const changes: StateChange[] = [];
    for (const store of this.#stores.values()) store.drain(changes);
    return changes;
  }
}
