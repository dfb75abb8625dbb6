/** A document as it was written, references unresolved. Only `planPipeline` and `checkDocument` look into it. */
export interface PipelineDocument {
  readonly pipeline: string;
  readonly document: 1;
  readonly stages: Readonly<Record<string, object>>;
}
