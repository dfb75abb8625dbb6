import type { Schema, SchemaFormat } from '@penstock/schema';

/**
 * What a draft's text was parsed to, for the next time that something is decided about it. Held by the draft itself: the values of a
 * WeakMap would outlive their keys for a collection, and each is as large as a schema.
 */
export class DraftReading {
  #read: { readonly format: SchemaFormat; readonly text: string; readonly schema: Schema } | null = null;

  read(format: SchemaFormat, text: string, parse: () => Schema): Schema {
    if (this.#read?.text !== text || this.#read.format !== format) this.#read = { format, text, schema: parse() };
    return this.#read.schema;
  }
}
