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

class DirtyStore<Value> implements KeyedStore<Value> {
  readonly #name: string;
  readonly #codec: StateCodec<Value>;
  readonly #values = new Map<string, Value>();
  readonly #dirty = new Set<string>();

  constructor(name: string, codec: StateCodec<Value>, restored: ReadonlyMap<string, Uint8Array>) {
    this.#name = name;
    this.#codec = codec;
    for (const [key, bytes] of restored) this.#values.set(key, codec.decode(bytes));
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    this.#values.set(key, value);
    this.#dirty.add(key);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#dirty.add(key);
  }

  entries(): IterableIterator<[string, Value]> {
    return this.#values.entries();
  }

  /** Appends what changed since the last call. */
  drain(changes: StateChange[]): void {
    for (const key of this.#dirty) {
      const value = this.#values.get(key);
      changes.push({ store: this.#name, key: Buffer.from(key), value: value === undefined ? null : this.#codec.encode(value) });
    }
    this.#dirty.clear();
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
