import type { Contract, SchemaFormat } from '@penstock/schema';
import type { PipelineDocument } from './pipeline-document.ts';

/** A schema as it stands in the registry. Its text travels with whatever was applied, so that no service has to ask for it. */
export interface AppliedSchema {
  readonly subject: string;
  readonly id: number;
  readonly version: number;
  readonly format: SchemaFormat;
  readonly text: string;
  /** Protobuf only: the full name of the message that records are. */
  readonly message?: string;
  /** What the registry keeps beside the text, if anything: its rules run wherever records are written and read. */
  readonly contract?: Contract;
}

/** One record of `penstock.pipelines`: all that services need to run a document, secrets still as `${env:…}`. */
export interface AppliedPipeline {
  readonly pipeline: string;
  /** Twelve hexadecimal digits of a hash over the document and its schemas. */
  readonly version: string;
  readonly appliedAtMs: number;
  readonly document: PipelineDocument;
  /** By subject. */
  readonly schemas: Readonly<Record<string, AppliedSchema>>;
}
