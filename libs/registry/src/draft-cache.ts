import { crc32 } from 'node:zlib';
import { parseSchema, type Schema, type SchemaFormat } from '@penstock/schema';
import { Shelf } from './shelf.ts';

interface Parsed {
  readonly format: SchemaFormat;
  readonly text: string;
  readonly schema: Schema;
}

/** Longer texts are not kept for the next time. */
const lengthMax = 65_536;
/** A power of two: places for what was seen once. */
const marks = 16_384;

/**
 * Parsed schemas that refer to nothing, by their texts, for clients that ask the same again and again. What is seen once, as most new
 * schemas are, is not kept: it dies young. The oldest go first.
 */
export class DraftCache {
  readonly #parsed = new Shelf<number, Parsed>();
  readonly #seen = new Uint32Array(marks);

  /** Throws what is wrong with it. */
  parse(format: SchemaFormat, text: string): Schema {
    if (text.length > lengthMax) return parseSchema({ format, text });
    const sum = crc32(text);
    const known = this.#parsed.get(sum);
    if (known?.text === text && known.format === format) return known.schema;
    const schema = parseSchema({ format, text });
    if (this.#isSeenAgain(sum)) this.#parsed.set(sum, { format, text, schema }, text);
    return schema;
  }

  #isSeenAgain(sum: number): boolean {
    const place = sum % marks;
    const isKnown = this.#seen[place] === sum;
    this.#seen[place] = sum;
    return isKnown;
  }
}
