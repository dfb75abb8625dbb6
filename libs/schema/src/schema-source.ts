import type { Contract } from './rules/contract.ts';

/** Confluent's names of the formats, as they stand in its API and its topic. */
export type SchemaFormat = 'AVRO' | 'PROTOBUF' | 'JSON';
export const schemaFormats: readonly SchemaFormat[] = ['JSON', 'PROTOBUF', 'AVRO'];

export interface SchemaSource {
  readonly format: SchemaFormat;
  readonly text: string;
  /** Texts of other schemas by the name under which this one refers to them; what they need themselves comes before them. */
  readonly imports?: ReadonlyMap<string, string>;
  /** What a registry keeps beside the text; codecs run its rules. */
  readonly contract?: Contract;
  /** Protobuf only: which message of the file the record is; else the first. */
  readonly message?: string;
  /** True of what a registry holds, or takes as it is: Avro's defaults and namespaces were not always looked at. */
  readonly isStored?: boolean;
}
