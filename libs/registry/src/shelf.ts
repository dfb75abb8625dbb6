const countMax = 500;
/** Characters of texts. What they are parsed to takes some twenty times as much memory. */
const lengthMax = 4_194_304;

/** What was made of texts, kept for the next time; the oldest goes first when there is too much of it. */
export class Shelf<Key, Made> {
  readonly #entries = new Map<Key, { readonly made: Made; readonly length: number }>();
  #length = 0;

  get(key: Key): Made | undefined {
    return this.#entries.get(key)?.made;
  }

  set(key: Key, made: Made, { length }: { readonly length: number }): void {
    this.delete(key);
    this.#entries.set(key, { made, length });
    this.#length += length;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= countMax && this.#length <= lengthMax) return;
      this.delete(oldest);
    }
  }

  delete(key: Key): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#length -= entry.length;
  }
}
