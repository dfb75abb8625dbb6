import type { StagePlan } from '@penstock/document';
import type { Decoder, Encoder, Problem } from '@penstock/kernel';
import type { Batch, DeadLetters, Sink, Source } from '@penstock/pipeline';
import type { RuleExecutor, SchemaRegistry } from '@penstock/schema';

/** What codecs of a stage need beside its plan. */
export interface CodecSurroundings {
  readonly registry: SchemaRegistry;
  /** They run the rules of schemas beside those that are built in. */
  readonly executors?: readonly RuleExecutor[];
}

/** What an end may need when it is opened. */
export interface EndContext extends CodecSurroundings {
  readonly env: NodeJS.ProcessEnv;
  log(event: string, facts: Readonly<Record<string, string | number | boolean>>): void;
}

/** How the payloads of a stage are read, and what is known of its rows beside them. */
export interface PayloadEnd {
  readonly decoder: Decoder;
  /** Why the source itself refuses a row. */
  refusal?(batch: Batch, row: number): Problem | null;
  /** The levels of the topic that a row came by: `topic[1]` in a document is the second of them. */
  levels?(batch: Batch, row: number): readonly string[];
}

/** Where a stage's records come from, and how their payloads are read. */
export interface SourceEnd extends PayloadEnd {
  readonly source: Source;
}

/** Where a stage's outputs go, and how they are written. */
export interface SinkEnd {
  readonly sink: Sink;
  readonly encoder: Encoder;
  /** Absent: dead letters go to the stage's dead letter topic by a producer of their own. */
  readonly dead?: DeadLetters & AsyncDisposable;
}

/** The ends that a service has beside Kafka, by the kind that the document names. */
export interface EndMakers {
  readonly mqtt?: (plan: StagePlan, at: EndContext) => SourceEnd | Promise<SourceEnd>;
  readonly postgres?: (plan: StagePlan, at: EndContext) => SinkEnd | Promise<SinkEnd>;
}
