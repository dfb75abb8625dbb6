/** One reason why records of `writer` cannot be read with `reader`. */
export interface Incompatibility {
  /** As Confluent's registry names it: `READER_FIELD_MISSING_DEFAULT_VALUE`, `FIELD_SCALAR_KIND_CHANGED`. */
  readonly type: string;
  /** Where, in the reader: a JSON pointer into Avro's and JSON Schema's text, `#/Message/2` for Protobuf. */
  readonly path: string;
  readonly message: string;
  /** What the reader and the writer say there, in short. */
  readonly reader?: string;
  readonly writer?: string;
}
