import type { Contract, SchemaFormat, SchemaReference, SchemaSource } from '@penstock/schema';
import type { PipelineDocument } from './pipeline-document.ts';

/** The text of a schema that another one refers to, under the name by which it does. */
export interface SchemaImport {
  readonly name: string;
  readonly text: string;
}

/** What a schema refers to; neither is there where it refers to nothing. */
export interface Referring {
  /** The schemas that it names itself, each at one version for ever. */
  readonly references?: readonly SchemaReference[];
  /** The texts of these and of all that they refer to; what each needs comes before it. */
  readonly imports?: readonly SchemaImport[];
}

/** A schema as it stands in the registry. Its text travels with whatever was applied, so that no service has to ask for it. */
export interface AppliedSchema extends Referring {
  readonly subject: string;
  readonly id: number;
  readonly version: number;
  readonly format: SchemaFormat;
  readonly text: string;
  /** Its name for all registries; only where records name it by that. */
  readonly guid?: string;
  /** Protobuf only: the full name of the message that records are. */
  readonly message?: string;
  /** What the registry keeps beside the text, if anything: its rules run wherever records are written and read. */
  readonly contract?: Contract;
}

/** What is parsed, of a schema that is applied or will be. */
export function sourceOf({
  format,
  text,
  message,
  contract,
  imports,
}: Omit<AppliedSchema, 'subject' | 'id' | 'version'>): SchemaSource {
  return {
    format,
    text,
    ...(message === undefined ? {} : { message }),
    ...(contract === undefined ? {} : { contract }),
    ...(imports === undefined ? {} : { imports: new Map(imports.map((each) => [each.name, each.text])) }),
  };
}

/** One record of `penstock.pipelines`: all that services need to run a document, secrets still as `${env:…}`. */
export interface AppliedPipeline {
  readonly pipeline: string;
  /** Twelve hexadecimal digits of a hash over the document and its schemas. */
  readonly version: string;
  readonly appliedAtMs: number;
  readonly document: PipelineDocument;
  /** By subject. What they refer to came with them. */
  readonly schemas: Readonly<Record<string, AppliedSchema>>;
}
