export { Backoff, type BackoffLimits } from './backoff.ts';
export type { Batch, Header, Lane } from './batch.ts';
export { type CloudEventKind, stampedId, stampedTimeMs, stampOf } from './cloud-event.ts';
export { createStage, type Intake, type RowFacts, type StageParts } from './compiled-stage.ts';
export {
  defineTransform,
  type KnownInput,
  type SettingPath,
  type TransformComponent,
  type TransformMemory,
  type TypedAggregate,
  type TypedExpression,
  type TypedTransform,
  type Typing,
} from './component.ts';
export { type DeadLetterOrigin, deadLetterOfOutput, deadLetterOfRow, type OutputOfLane, type RowOfBatch } from './dead-letter.ts';
export {
  createFateCounts,
  type Delivery,
  type Fate,
  type FateCounts,
  fates,
  type Output,
  type Refusal,
  type Route,
  type StateChange,
  totalOf,
} from './delivery.ts';
export type { Assignment, Bury, Claim, RefusedOutput, Sink, Source } from './ends.ts';
export { Ledger, type LedgerReading } from './ledger.ts';
export { type DeadLetters, type PumpEvents, type PumpLimits, type PumpOptions, pumpLimits } from './options.ts';
export { fenced, noDeadLetters, unaccounted } from './problems.ts';
export { runPump } from './pump.ts';
export type { Stage, Task, Tick } from './stage.ts';
export { createJsonCodec, type KeyedStore, type StateCodec, StateStores } from './state.ts';
export { factFields, factSlots, type LaneContext, type OpenTransform, type Transform } from './transform.ts';
