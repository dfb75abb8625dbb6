import type { Claim, DeadLetters, Lane, Output, Sink } from '@penstock/pipeline';
import type { Kafka } from './kafka.ts';
import { laneOf, parseLane } from './lane.ts';
import { type KafkaSinkLimits, kafkaSinkLimits } from './limits.ts';
import { committedOffset, endOf } from './partition-reader.ts';
import { createPlacing, type Routes } from './placing.ts';
import { closed, problemOf, sharedChangelog } from './problems.ts';
import { Producer } from './producer.ts';
import { batchLimits } from './topics.ts';
import { TransactionalClaim } from './transactional-claim.ts';

export interface KafkaSinkOptions {
  readonly pipeline: string;
  readonly stage: string;
  /** The group whose offsets are stored with the outputs; its source leaves the committing to this sink. */
  readonly groupId: string;
  readonly routes: Routes;
  /** A compacted topic with as many partitions as the input topic, for the state of this stage and no other; null: no state. */
  readonly changelog: string | null;
  readonly limits?: Partial<KafkaSinkLimits>;
}

/** Stores outputs, state changes, dead letters and the position of a lane in one Kafka transaction. */
export function openKafkaSink(kafka: Kafka, options: KafkaSinkOptions): Sink & DeadLetters {
  return new KafkaSink(kafka, options);
}

class KafkaSink implements Sink, DeadLetters {
  readonly #kafka: Kafka;
  readonly #options: KafkaSinkOptions;
  readonly #limits: KafkaSinkLimits;
  readonly #claims = new Map<Lane, TransactionalClaim>();
  #inputTopic: string | null = null;

  constructor(kafka: Kafka, options: KafkaSinkOptions) {
    this.#kafka = kafka;
    this.#options = options;
    this.#limits = { ...kafkaSinkLimits, ...options.limits };
  }

  stores(route: string): boolean {
    return this.#options.routes.has(route);
  }

  /** Fences, reads where the lane stands, and only then lets anything flow. */
  async claim(lane: Lane, signal: AbortSignal): Promise<Claim> {
    const { groupId, pipeline, stage, routes, changelog } = this.#options;
    const at = parseLane(lane);
    this.#guardChangelog(at.topic);
    const topics = [...routes.values()].map(({ topic }) => topic);
    const limits = await batchLimits(this.#kafka, changelog === null ? topics : [...topics, changelog]);
    const batchBytesMax = (topic: string): number => limits.get(topic) as number;
    const ending = new AbortController();
    const abort = (): void => ending.abort(closed(`lane ${lane} was let go`));
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    const transactionalId = `${pipeline}.${stage}.${laneOf(at)}`;
    const { transactionTimeoutMs } = this.#limits;
    const producer = new Producer(this.#kafka, { transactionalId, transactionTimeoutMs, batchBytesMax, signal: ending.signal });
    try {
      await producer.claim({ topics, changelog: changelog === null ? null : { ...at, topic: changelog }, groupId });
    } catch (thrown) {
      throw problemOf(thrown, `claim of ${lane}`);
    } finally {
      signal.removeEventListener('abort', abort);
    }
    const position = (await committedOffset(this.#kafka, groupId, at)) ?? (await endOf(this.#kafka, at, 'earliest'));
    const place = createPlacing(routes);
    const letGo = (): void => this.#forget(lane, claim);
    const claim = new TransactionalClaim(this.#kafka, {
      at,
      position,
      groupId,
      changelog,
      producer,
      place,
      batchBytesMax,
      ending,
      limits: this.#limits,
      letGo,
    });
    this.#claims.set(lane, claim);
    return claim;
  }

  /** Dead letters of records that this sink refused join the transaction of the delivery that they come from. */
  async bury(letters: readonly Output[]): Promise<void> {
    const byLane = Map.groupBy(letters, laneOfLetter);
    await Promise.all([...byLane].map(([lane, own]) => this.#claimOf(lane).bury(own)));
  }

  #claimOf(lane: Lane): TransactionalClaim {
    const claim = this.#claims.get(lane);
    if (claim === undefined) throw closed(`dead letters of lane ${lane}, which is not claimed`);
    return claim;
  }

  #forget(lane: Lane, claim: TransactionalClaim): void {
    if (this.#claims.get(lane) === claim) this.#claims.delete(lane);
  }

  /** The open transaction of one input would hide the end of the other's state. */
  #guardChangelog(topic: string): void {
    const { changelog, stage } = this.#options;
    if (changelog === null || (this.#inputTopic ??= topic) === topic) return;
    throw sharedChangelog(
      `stage ${stage}: the changelog ${changelog} holds the state of ${this.#inputTopic}; give ${topic} one of its own`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#claims.values()].map((claim) => claim[Symbol.asyncDispose]()));
  }
}

const text = new TextDecoder();

function laneOfLetter({ headers }: Output): Lane {
  const lane = headers.findLast(([name]) => name === 'penstock_lane')?.[1] ?? null;
  return lane === null ? '' : text.decode(lane);
}
