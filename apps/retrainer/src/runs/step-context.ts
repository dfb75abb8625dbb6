import type { OpenCatalogue } from '@penstock/catalogue';
import type { Kafka } from '@penstock/kafka';
import type { Clock } from '@penstock/kernel';
import type { ModelPool } from '@penstock/models';
import type { KeyedRowParts } from '../data/keyed-rows.ts';
import type { Folders } from '../training/training-order.ts';

/** What steps work with. */
export interface StepParts extends KeyedRowParts {
  readonly kafka: Kafka;
  readonly models: OpenCatalogue;
  readonly pool: ModelPool;
  readonly folders: Folders;
  readonly recordsMax: number;
  readonly clock: Clock;
}

/** What a step knows besides: when to stop, and whom to tell what it is doing. */
export interface StepContext extends StepParts {
  readonly signal: AbortSignal;
  readonly tell: (what: string) => void;
}
