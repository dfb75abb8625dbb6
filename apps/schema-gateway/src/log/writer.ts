import { type Kafka, openKafkaSink } from '@penstock/kafka';
import { Bell, Problem, type Random } from '@penstock/kernel';
import { Backoff, type Claim, createFateCounts, fenced, type Output } from '@penstock/pipeline';
import { closing, unread } from '../problems.ts';
import type { Arrival, Intake } from './intake.ts';
import { fold, type LogRecord, type Topics } from './records.ts';
import { State } from './state.ts';

/** What a change comes to, decided against everything before it. No records: it is answered at once. */
export interface Decision<Answer> {
  readonly records: readonly LogRecord[];
  readonly answer: Answer;
  /** Why it was wanted although something spoke against it: for the audit. */
  readonly reason?: string | null;
}

/** Called again when the outcome of the first time turned out to be that nothing happened. Throws problems. */
export type Decide<Answer> = (ahead: State) => Decision<Answer>;

export interface WriterParts {
  readonly kafka: Kafka;
  readonly topics: Topics;
  readonly intake: Intake;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Resolves when all that is stored has been taken in. */
  sync(): Promise<void>;
  /** Settles when the topics are read no longer. */
  readonly ended: Promise<void>;
  /** Called before each wait of an outage. */
  waiting(problem: Problem): void;
}

interface Waiting {
  readonly decide: Decide<unknown>;
  readonly answered: PromiseWithResolvers<unknown>;
  readonly signal: AbortSignal;
}

interface Batch {
  readonly decided: readonly { readonly waiting: Waiting; readonly answer: unknown }[];
  readonly records: readonly LogRecord[];
}

const changesMax = 256;
const bytesMax = 4_194_304;
/** Less than a transaction takes. */
const gatherMsMax = 3;
const waits = { firstMs: 50, maxMs: 2_000, stableMs: 30_000 };
/** Between two turns of one gateway others can have theirs. */
const turns = { firstMs: 50, maxMs: 1_000, stableMs: 1_000 };
/** A commit is read back in milliseconds: by then Kafka is away, or holds it back. */
const readBackMsMax = 2_000;
/** Whoever took a turn and has not written anything by then may have died. */
const turnMsMax = 1_000;
/** Whoever took a turn and has written may want to write more, and would do so at once. */
const moreMsMax = 50;

/**
 * Decides and appends, many changes in one Kafka transaction, one transaction at a time. Gateways take turns by a transactional id
 * that they share (KIP-98): claiming it fences whoever held it, so that what was read after the claim is what is built on. A change
 * is answered when its records were read back.
 */
export class Writer implements AsyncDisposable {
  readonly #parts: WriterParts;
  readonly #queue: Waiting[] = [];
  readonly #bell = new Bell();
  readonly #loop: Promise<void>;
  readonly #backoff: Backoff;
  #turnBackoff: Backoff;
  #claim: Claim | null = null;
  /** How many changes the latest transaction was for. */
  #answered = 0;
  /** What was taken in when our own latest records were. */
  #changes = 0;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#backoff = new Backoff(waits, parts.random);
    this.#turnBackoff = new Backoff(turns, parts.random);
    parts.signal.addEventListener('abort', () => this.#bell.ring(), { once: true });
    this.#loop = this.#run();
  }

  /** Rejects with the signal's reason when that aborts first: whether the change happened is then not known, unless it waited still. */
  change<Answer>(decide: Decide<Answer>, signal: AbortSignal): Promise<Answer> {
    if (this.#parts.signal.aborted) return Promise.reject(closing('this gateway is ending: ask again, another one may answer'));
    const answered = Promise.withResolvers<unknown>();
    this.#queue.push({ decide, answered, signal });
    this.#bell.ring();
    const aborted = (): void => answered.reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
    return answered.promise.finally(() => signal.removeEventListener('abort', aborted)) as Promise<Answer>;
  }

  async #run(): Promise<void> {
    while (!this.#parts.signal.aborted) {
      if (this.#queue.length === 0) await this.#bell.wait();
      else await this.#turn();
    }
    for (const { answered } of this.#queue.splice(0)) answered.reject(closing('this gateway is ending'));
    await this.#letGo();
  }

  /** One transaction, or what keeps it from being one. */
  async #turn(): Promise<void> {
    let batch: Batch = { decided: [], records: [] };
    try {
      const claim = await this.#claimed();
      await this.#gather();
      batch = this.#decide();
      const isStored = batch.records.length === 0 || (await this.#store(claim, batch.records));
      if (!isStored) return void this.#queue.unshift(...batch.decided.map(({ waiting }) => waiting));
      this.#answer(batch);
      this.#turnBackoff = new Backoff(turns, this.#parts.random);
    } catch (thrown) {
      await this.#fail(batch, thrown);
    }
  }

  async #claimed(): Promise<Claim> {
    if (this.#claim !== null) return this.#claim;
    const { kafka, topics, signal, sync } = this.#parts;
    const routes = new Map(Object.entries(topics).map(([route, topic]: [string, string]) => [route, { topic, partitions: 1 }]));
    const sink = openKafkaSink(kafka, {
      pipeline: 'penstock',
      stage: 'schema-gateway',
      groupId: `${topics.schemas}.writers`,
      routes,
      changelog: null,
      limits: { transactionMs: 0 },
    });
    const claim = await sink.claim(`${topics.schemas}/0`, signal);
    this.#claim = claim;
    await sync();
    return claim;
  }

  /** Who was answered together asks again together: one transaction for all of them, and not one for the first of them before. */
  async #gather(): Promise<void> {
    if (this.#queue.length >= this.#answered) return;
    const due = new AbortController();
    let isDue = false;
    void this.#parts.kafka.clock.sleep(gatherMsMax, due.signal).then(() => {
      isDue = true;
      this.#bell.ring();
    });
    while (!isDue && this.#queue.length < this.#answered) await this.#bell.wait();
    due.abort();
  }

  /** Takes what waits, and decides each change against those before it. */
  #decide(): Batch {
    const ahead = new State(this.#parts.intake.state);
    const decided: { waiting: Waiting; answer: unknown }[] = [];
    const records: LogRecord[] = [];
    let bytes = 0;
    while (this.#queue.length > 0 && decided.length < changesMax && bytes < bytesMax) {
      const waiting = this.#queue.shift() as Waiting;
      if (waiting.signal.aborted) continue;
      const decision = decideOne(ahead, waiting);
      if (decision === null) continue;
      decided.push({ waiting, answer: decision.answer });
      records.push(...decision.records);
      for (const { value } of decision.records) bytes += value?.length ?? 0;
    }
    return { decided, records };
  }

  /** False when it turned out that nothing was stored; then the claim is a new one. */
  async #store(claim: Claim, records: readonly LogRecord[]): Promise<boolean> {
    const { topics, intake, signal } = this.#parts;
    using arrival = intake.arrivalOf(records);
    const empty = { changes: [], fates: createFateCounts(), refusals: [] };
    const delivery = { lane: `${topics.schemas}/0`, from: 0, to: 0, outputs: records.map(outputOf), ...empty };
    try {
      await claim.deliver(delivery, async ([refusal]) => Promise.reject(refusal?.problem), signal);
      await this.#readBack(arrival);
      return true;
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.remedy === 'reject') throw thrown;
      await this.#resolve(thrown);
      if (!arrival.isComplete && thrown.remedy !== 'retry') throw thrown;
      return arrival.isComplete;
    }
  }

  /** What is stored and does not come back may hang behind a marker that was never written: the next claim looks. */
  async #readBack(arrival: Arrival): Promise<void> {
    const { kafka, ended, signal, intake } = this.#parts;
    const inTime = new AbortController();
    await Promise.race([arrival.arrived, ended, kafka.clock.sleep(readBackMsMax, inTime.signal)]);
    inTime.abort();
    if (arrival.isComplete) return void (this.#changes = intake.changes);
    if (signal.aborted) throw closing('this gateway is ending');
    throw unread(`stored, and not read back within ${readBackMsMax} ms`);
  }

  /** After a fence of our own nothing of an earlier transaction is on its way: what has not come by then never will. */
  async #resolve(problem: Problem): Promise<void> {
    for (let latest = problem; ; ) {
      await this.#letGo();
      this.#parts.signal.throwIfAborted();
      await this.#wait(latest);
      try {
        await this.#claimed();
        return;
      } catch (thrown) {
        if (!(thrown instanceof Problem) || thrown.remedy !== 'retry') throw thrown;
        latest = thrown;
      }
    }
  }

  #answer({ decided }: Batch): void {
    this.#answered = decided.length;
    for (const { waiting, answer } of decided) waiting.answered.resolve(answer);
  }

  /** What may pass is tried again; what one change of several is to blame for is tried alone. */
  async #fail({ decided }: Batch, thrown: unknown): Promise<void> {
    const waiting = decided.map((each) => each.waiting);
    if (thrown instanceof Problem && thrown.remedy === 'retry') {
      this.#queue.unshift(...waiting);
      await this.#letGo();
      await this.#wait(thrown);
    } else if (waiting.length > 1) {
      await this.#letGo();
      for (const each of waiting) await this.#alone(each);
    } else {
      await this.#letGo();
      const refused = waiting.length > 0 ? waiting : this.#queue.splice(0);
      for (const { answered } of refused) answered.reject(thrown);
    }
  }

  async #alone(waiting: Waiting): Promise<void> {
    const others = this.#queue.splice(0);
    this.#queue.push(waiting);
    try {
      await this.#turn();
    } finally {
      this.#queue.push(...others);
    }
  }

  async #wait(problem: Problem): Promise<void> {
    const { kafka, signal, waiting } = this.#parts;
    const isTurn = fenced.caused(problem);
    if (isTurn) await this.#othersWrite();
    else if (!signal.aborted) waiting(problem);
    const backoff = isTurn ? this.#turnBackoff : this.#backoff;
    await kafka.clock.sleep(backoff.afterFailure(kafka.clock.nowMs()), signal);
  }

  /** Whoever took our turn has something to write: taking it back before that is done would help nobody. */
  async #othersWrite(): Promise<void> {
    const { kafka, signal, intake } = this.#parts;
    const untilMs = intake.changes === this.#changes ? turnMsMax : moreMsMax;
    const written = new AbortController();
    const forget = intake.listen(() => written.abort());
    await kafka.clock.sleep(untilMs, AbortSignal.any([signal, written.signal]));
    forget();
  }

  async #letGo(): Promise<void> {
    const claim = this.#claim;
    this.#claim = null;
    await claim?.[Symbol.asyncDispose]();
  }

  /** After the signal aborted: what is under way ends, what waits is refused. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loop;
  }
}

/** Null when it was refused, which its caller was told. */
function decideOne(ahead: State, { decide, answered }: Waiting): Decision<unknown> | null {
  try {
    const decision = decide(ahead);
    for (const record of decision.records) fold(ahead, record);
    return decision;
  } catch (thrown) {
    answered.reject(thrown);
    return null;
  }
}

const utf8 = new TextEncoder();

function outputOf({ topic, key, value }: LogRecord): Output {
  const payload = value === null ? null : utf8.encode(value);
  return { id: key, route: topic, key: utf8.encode(key), payload, headers: [], eventTimeMs: 0, cause: -1 };
}
