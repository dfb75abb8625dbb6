import type { ModelInput } from '@penstock/catalogue';
import type { Evaluate } from '@penstock/expressions';
import type { Binding, Field, Slot } from '@penstock/kernel';
import type { MqttSourceSettings } from '@penstock/mqtt';
import type { OpenTransform } from '@penstock/pipeline';
import type { PostgresSettings } from '@penstock/postgres';
import type { AppliedSchema } from './applied.ts';
import type { StageContext } from './stage-context.ts';

/** What an applied document means. Every service derives the same from the same record. */
export interface PipelinePlan {
  readonly pipeline: string;
  readonly version: string;
  readonly topics: readonly TopicPlan[];
  readonly stages: readonly StagePlan[];
  readonly retrain: RetrainPlan | null;
}

/** A topic to be there before stages run: those of the document, and those for late records, dead letters and state. */
export interface TopicPlan {
  readonly topic: string;
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
  /** -1: for ever, as in a compacted topic. */
  readonly retentionMs: number;
  readonly batchBytesMax?: number;
}

export interface RouteTarget {
  readonly topic: string;
  readonly partitions: number;
}

export type ServiceName = 'mqtt-ingestor' | 'preprocessor' | 'model-server' | 'sink-dispatcher';

export type FromPlan =
  /** The settings of `mqttSourceConfig` with references in them; `clientId` is filled in. */
  { readonly kind: 'mqtt'; readonly config: MqttSourceSettings } | ({ readonly kind: 'kafka' } & RouteTarget);

export type ToPlan =
  | ({ readonly kind: 'kafka' } & RouteTarget)
  /** The settings of `postgresConfig` with references in them, and the columns that are written. */
  | { readonly kind: 'postgres'; readonly config: PostgresSettings; readonly columns: readonly Binding[] };

/** One stage, typed and compiled except for its transforms, which are opened where it runs. */
export interface StagePlan {
  readonly pipeline: string;
  readonly name: string;
  /** A hash over all that the stage depends on: the same means that what runs can go on running. */
  readonly fingerprint: string;
  readonly service: ServiceName;
  readonly from: FromPlan;
  readonly to: ToPlan;
  readonly late: RouteTarget | null;
  readonly dead: RouteTarget;
  /** The topic of the stage's state; null for a stage without. It has as many partitions as the topic that is read. */
  readonly changelog: string | null;
  /** All columns, the fact fields first. */
  readonly slots: readonly Field[];
  readonly input: {
    readonly schema: AppliedSchema;
    /** `json`: as devices publish it; `wire`: in the wire format of the registry. */
    readonly payload: 'json' | 'wire';
    readonly bindings: readonly Binding[];
    /** Fields that are filled by `set` and not looked for in payloads. */
    readonly set: ReadonlySet<string>;
  };
  readonly output: {
    /** Null: what is written is no topic. */
    readonly schema: AppliedSchema | null;
    readonly bindings: readonly Binding[];
    /** Where a record names the schema: by its id before the payload, or by its GUID in a header, beside a bare payload. */
    readonly schemaId: 'prefix' | 'header';
  };
  /** Holds the levels of the MQTT topic for `set`; null where no expression asks for them. */
  readonly levelsSlot: Slot | null;
  /** Columns to fill after decoding, in this order. */
  readonly set: readonly { readonly slot: Slot; readonly evaluate: Evaluate }[];
  readonly facts: {
    /** Null: by header, else random or by position. */
    readonly identity: Evaluate | null;
    /** Null: as the record came. */
    readonly key: Evaluate | null;
    /** Null: by the header `ce_time`. */
    readonly timeSlot: Slot | null;
    readonly aheadMsMax: number;
  };
  readonly predicts: { readonly model: string; readonly alias: string } | null;
  open(context: StageContext): readonly OpenTransform[];
}

/** One topic that a dataset is read from. */
export interface DatasetTopic extends RouteTarget {
  readonly schema: AppliedSchema;
  readonly fields: readonly Field[];
}

/** What sets a retraining off. */
export type RetrainTrigger =
  | { readonly kind: 'schedule'; readonly cron: string }
  | { readonly kind: 'newRows'; readonly rows: number }
  | { readonly kind: 'drift' }
  | { readonly kind: 'metric'; readonly metric: 'balancedAccuracy' | 'accuracy' | 'auc'; readonly below: number };

/** How a model is trained anew, by which judge it is promoted, and what sets that off. */
export interface RetrainPlan {
  readonly pipeline: string;
  readonly model: string;
  /** The alias that the stage serves, and that a promotion moves. */
  readonly alias: string;
  readonly fingerprint: string;
  /** Feature records; they are joined with labels of the same key and near event time. */
  readonly features: DatasetTopic;
  /** The model's inputs, in its order, as the columns of a feature record. */
  readonly inputs: readonly ModelInput[];
  readonly labels: DatasetTopic;
  /** The field of a label record that is to be predicted. */
  readonly target: Field;
  readonly withinMs: number;
  readonly trainer: {
    readonly kind: 'gradient-boosted-trees';
    readonly seed: number;
    /** As `parseTreeParams` takes them. */
    readonly params: Readonly<Record<string, unknown>>;
  };
  readonly when: readonly RetrainTrigger[];
  readonly gate: {
    readonly metric: 'auc' | 'accuracy' | 'balancedAccuracy';
    readonly atLeast: number;
    readonly notWorseThanChampion: boolean;
  };
}
