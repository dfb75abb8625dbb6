import type { FetchedRecord } from '@penstock/kafka';
import { type Decoder, type Field, isNumeric, Problem, Rows } from '@penstock/kernel';
import { createWireDecoder, type RuleExecutor, type SchemaRegistry } from '@penstock/schema';

/** A record as training sees it: whose it is, when it was, and the wanted fields as numbers. */
export interface KeyedRow {
  readonly key: string;
  /** Event time in milliseconds. */
  readonly timeMs: number;
  /** In the order of the wanted fields; a boolean is 0 or 1, NaN where there is no value. */
  readonly values: readonly number[];
}

const text = new TextDecoder();
const timeHeader = 'ce_time';

/** How records are read. */
export interface KeyedRowParts {
  readonly registry: SchemaRegistry;
  readonly executors?: readonly RuleExecutor[];
}

/** Reads the wanted fields of a topic's records, each by the schema that it was written with. */
export class KeyedRowReader {
  readonly #fields: readonly Field[];
  readonly #rows: Rows;
  readonly #decoder: Decoder;
  #refused = 0;

  constructor({ registry, executors = [] }: KeyedRowParts, topic: string, fields: readonly Field[]) {
    this.#fields = fields;
    this.#rows = new Rows(fields);
    this.#decoder = createWireDecoder(
      registry,
      fields.map((field, slot) => ({ field, slot })),
      { subject: `${topic}-value`, executors },
    );
  }

  /** Records that could not be read. */
  get refused(): number {
    return this.#refused;
  }

  /** Null for a record without a key or a value, and for one that cannot be read. Throws what is an outage. */
  async read({ key, value, headers, timestampMs }: FetchedRecord): Promise<KeyedRow | null> {
    if (key === null || value === null) return null;
    try {
      const named = headers.map(([name, bytes]) => [text.decode(name), bytes] as const);
      const payload = this.#decoder.framed?.(value, named) ?? value;
      const preparing = this.#decoder.prepare(payload);
      if (preparing !== null) await preparing;
      this.#rows.reset(1); // not before: partitions are read side by side
      this.#decoder.decode(payload, this.#rows, 0);
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.remedy !== 'reject') throw thrown;
      this.#refused += 1;
      return null;
    }
    return { key: text.decode(key), timeMs: eventTimeMs(headers) ?? timestampMs, values: this.#values() };
  }

  #values(): number[] {
    return this.#fields.map(({ type }, slot) => {
      if (isNumeric(type)) return this.#rows.numbers(slot)[0] as number;
      const value = this.#rows.values(slot)[0];
      return typeof value === 'boolean' ? Number(value) : Number.NaN;
    });
  }
}

/** The stamp's event time; null for a record of a foreign topic, which has only its arrival. */
function eventTimeMs(headers: FetchedRecord['headers']): number | null {
  for (const [name, value] of headers) {
    if (value === null || text.decode(name) !== timeHeader) continue;
    const timeMs = Date.parse(text.decode(value));
    return Number.isNaN(timeMs) ? null : timeMs;
  }
  return null;
}
