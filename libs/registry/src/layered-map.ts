/** A map over another one, which it does not touch: what is about to happen, over what is. */
export class LayeredMap<Key, Value> {
  readonly #own = new Map<Key, Value | undefined>();
  readonly #base: LayeredMap<Key, Value> | null;

  constructor(base: LayeredMap<Key, Value> | null) {
    this.#base = base;
  }

  get(key: Key): Value | undefined {
    return this.#base === null || this.#own.has(key) ? this.#own.get(key) : this.#base.get(key);
  }

  set(key: Key, value: Value): void {
    this.#own.set(key, value);
  }

  delete(key: Key): void {
    if (this.#base === null) this.#own.delete(key);
    else this.#own.set(key, undefined);
  }

  keys(): Key[] {
    if (this.#base === null) return [...this.#own.keys()];
    const all = new Set([...this.#base.keys(), ...this.#own.keys()]);
    return [...all].filter((key) => this.get(key) !== undefined);
  }
}
