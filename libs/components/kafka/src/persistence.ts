import type { Clock } from '@penstock/kernel';
import { KafkaError, kafkaCode, passes } from './kafka-error.ts';

const firstWaitMs = 20;
const waitMsMax = 1_000;
/** A topic that is unknown for longer than this does not exist. */
const unknownTopicMsMax = 30_000;

export interface Persistence {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Null: until the outcome is known, however long it takes. */
  readonly withinMs: number | null;
  /** What is tried again; absent: whatever passes by itself. */
  readonly passing?: (thrown: unknown) => boolean;
}

/**
 * Sends the very same request again while its outcome is unknown or the broker says "not now". The one place of this component
 * where anything is tried again: an idempotent send under the same sequence, and steps of a transaction under the same epoch.
 * Throws the last KafkaError, or what the signal was aborted with.
 */
export async function untilKnown<Answer>(
  { clock, signal, withinMs, passing = passes }: Persistence,
  request: () => Promise<Answer>,
): Promise<Answer> {
  const startedAtMs = clock.nowMs();
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await request();
    } catch (thrown) {
      const limitMs = KafkaError.is(thrown, kafkaCode.unknownTopicOrPartition) ? unknownTopicMsMax : withinMs;
      const tookMs = clock.nowMs() - startedAtMs;
      if (!passing(thrown) || (limitMs !== null && tookMs > Math.min(limitMs, withinMs ?? limitMs))) throw thrown;
      await clock.sleep(waitAfter(thrown, attempt), signal);
    }
  }
}

/** What another transaction holds up is over in milliseconds: waiting longer decides the rate of transactions. */
function waitAfter(thrown: unknown, attempt: number): number {
  if (KafkaError.is(thrown, kafkaCode.concurrentTransactions)) return firstWaitMs;
  return Math.min(waitMsMax, firstWaitMs * 2 ** Math.min(attempt, 10));
}
