import { Bell, type Problem } from '@penstock/kernel';
import type { Batch } from './batch.ts';
import { deadLetterOfOutput, deadLetterOfRow, type RowOfBatch } from './dead-letter.ts';
import { createFateCounts, type Delivery, type FateCounts, type Output, type Refusal, totalOf } from './delivery.ts';
import type { Assignment, Claim, RefusedOutput } from './ends.ts';
import type { PumpOptions } from './options.ts';
import { noDeadLetters, unaccounted } from './problems.ts';
import type { Task } from './stage.ts';

/** One delivery on its way, with the batch that caused it (null: a tick). */
interface InFlight {
  readonly delivery: Delivery;
  /** The delivery without what the sink does not store. */
  readonly handed: Delivery;
  readonly batch: Batch | null;
  readonly handedOverAtMs: number;
  readonly refusals: Refusal[];
  readonly refusedRows: Set<number>;
  stored: boolean;
}

export interface FlowParts {
  readonly options: PumpOptions;
  readonly assignment: Assignment;
  readonly claim: Claim;
  readonly task: Task;
  readonly drain: AbortSignal;
}

/**
 * One lane under one claim: read, transform, deliver whole, settle in order. Deliveries overlap up to the limits. There is one
 * way out of every trouble: the first failure ends the flow, and the lane is claimed and read anew from where the sink stands.
 */
export class Flow {
  readonly #parts: FlowParts;
  readonly #bell = new Bell();
  readonly #inFlight: InFlight[] = [];
  readonly #over = new AbortController();
  readonly #batches: AsyncIterator<Batch>;
  #failure: { readonly thrown: unknown } | null = null;
  #arrived: Batch | null = null;
  #inHand: Batch | null = null;
  #ended = false;
  #bytes = 0;
  #position: number;
  #tickDue = false;

  constructor(parts: FlowParts) {
    this.#parts = parts;
    this.#position = parts.claim.position ?? 0;
    this.#batches = parts.assignment.batches(parts.claim.position)[Symbol.asyncIterator]();
  }

  /** Resolves when the source has ended, the lane was revoked, or the drain is done; rejects with the first failure. */
  async run(): Promise<void> {
    const { options, assignment, drain } = this.#parts;
    const ring = (): void => this.#bell.ring();
    assignment.revoked.addEventListener('abort', ring);
    drain.addEventListener('abort', ring);
    options.ledger.opened(assignment.lane, () => this.#held());
    this.#pull();
    this.#armTick();
    try {
      while (await this.#step());
    } finally {
      assignment.revoked.removeEventListener('abort', ring);
      drain.removeEventListener('abort', ring);
      options.ledger.released(assignment.lane);
      this.#over.abort();
      this.#batches.return?.().catch(() => undefined); // the iteration is void whatever it says
    }
  }

  /** Does one thing, or waits for something to do; false when the flow is over. */
  async #step(): Promise<boolean> {
    const { assignment, drain } = this.#parts;
    if (assignment.revoked.aborted) return false;
    if (this.#failure !== null) throw this.#failure.thrown;
    const intakeOver = drain.aborted || (this.#ended && this.#arrived === null);
    if (intakeOver && this.#inFlight.length === 0) return false;
    if (!intakeOver && this.#hasRoom()) {
      if (this.#arrived !== null) return this.#process(this.#arrived);
      if (this.#tickDue) return this.#tick();
    }
    await this.#bell.wait();
    return true;
  }

  #hasRoom(): boolean {
    const { deliveriesInFlightMax, bytesInFlightMax } = this.#parts.options.limits;
    return this.#inFlight.length < deliveriesInFlightMax && this.#bytes < bytesInFlightMax;
  }

  #held(): number {
    let rows = this.#inHand?.length ?? 0;
    for (const { batch } of this.#inFlight) rows += batch?.length ?? 0;
    return rows;
  }

  #pull(): void {
    this.#batches.next().then(
      (result) => {
        if (result.done) this.#ended = true;
        else this.#arrived = result.value;
        this.#bell.ring();
      },
      (thrown: unknown) => this.#fail(thrown),
    );
  }

  async #process(batch: Batch): Promise<boolean> {
    const { task, options } = this.#parts;
    this.#arrived = null;
    this.#inHand = batch;
    options.ledger.consumed(batch.length);
    const produced = task.process(batch);
    const delivery = produced instanceof Promise ? await produced : produced;
    if (totalOf(delivery.fates) !== batch.length) {
      throw unaccounted(
        `stage ${options.stage.name}, lane ${batch.lane}: ${batch.length} rows in, fates for ${totalOf(delivery.fates)}`,
      );
    }
    this.#pull();
    await this.#handOver(delivery, batch);
    this.#position = delivery.to;
    return true;
  }

  async #tick(): Promise<boolean> {
    const { task, assignment, options } = this.#parts;
    this.#tickDue = false;
    const tick = { nowMs: options.clock.nowMs(), caughtUpAtMs: assignment.caughtUpAtMs() };
    const ticked = task.tick(tick, this.#position);
    this.#armTick();
    const delivery = ticked instanceof Promise ? await ticked : ticked;
    if (delivery !== null) await this.#handOver(delivery, null);
    return true;
  }

  #armTick(): void {
    const { clock, limits } = this.#parts.options;
    void clock.sleep(limits.tickMs, this.#over.signal).then(() => {
      this.#tickDue = true;
      this.#bell.ring();
    });
  }

  /** Hands a delivery to the claim, in order; returns when it is handed over, not when it is stored. */
  async #handOver(delivery: Delivery, batch: Batch | null): Promise<void> {
    const { claim, assignment, options } = this.#parts;
    const handed = await this.#buryOwn(delivery);
    const entry: InFlight = {
      delivery,
      handed,
      batch,
      handedOverAtMs: options.clock.nowMs(),
      refusals: [...delivery.refusals],
      refusedRows: new Set(),
      stored: false,
    };
    if (assignment.revoked.aborted) return;
    this.#inFlight.push(entry);
    this.#inHand = null;
    this.#bytes += batch?.bytes ?? 0;
    const bury = (refused: readonly RefusedOutput[]): Promise<void> => this.#bury(entry, refused);
    claim.deliver(handed, bury, assignment.revoked).then(
      () => this.#stored(entry),
      (thrown: unknown) => this.#fail(thrown),
    );
  }

  /** Dead letters that the sink does not store with the position are made durable before the rest is handed over. */
  async #buryOwn(delivery: Delivery): Promise<Delivery> {
    const { sink } = this.#parts.options;
    if (delivery.refusals.length === 0 || sink.stores('dead')) return delivery;
    await this.#letters(delivery.outputs.filter((output) => output.route === 'dead'));
    return { ...delivery, outputs: delivery.outputs.filter((output) => output.route !== 'dead') };
  }

  async #bury(entry: InFlight, refused: readonly RefusedOutput[]): Promise<void> {
    const { origin } = this.#parts.options;
    const { handed: delivery, batch } = entry;
    const letters: Output[] = [];
    for (const { output: index, problem } of refused) {
      const output = delivery.outputs[index] as Output;
      if (batch !== null && output.cause >= 0) {
        letters.push(deadLetterOfRow(origin, { batch, row: output.cause }, problem));
        this.#refuse(entry, { batch, row: output.cause }, problem);
      } else {
        letters.push(deadLetterOfOutput(origin, { output, lane: delivery.lane, position: delivery.from }, problem));
      }
    }
    await this.#letters(letters);
  }

  #refuse(entry: InFlight, { batch, row }: RowOfBatch, problem: Problem): void {
    if (entry.refusedRows.has(row)) return;
    entry.refusedRows.add(row);
    entry.refusals.push({ position: batch.position(row), problem });
  }

  async #letters(letters: readonly Output[]): Promise<void> {
    const { dead, stage } = this.#parts.options;
    if (letters.length === 0) return;
    if (dead === null)
      throw noDeadLetters(`stage ${stage.name}: ${letters.length} records were refused and no dead letter topic is declared`);
    await dead.bury(letters);
  }

  #stored(entry: InFlight): void {
    entry.stored = true;
    if (this.#failure !== null || this.#over.signal.aborted) return;
    while (this.#inFlight[0]?.stored) this.#settle(this.#inFlight.shift() as InFlight);
    this.#bell.ring();
  }

  #settle({ delivery, batch, handedOverAtMs, refusals, refusedRows }: InFlight): void {
    const { options, assignment } = this.#parts;
    this.#bytes -= batch?.bytes ?? 0;
    options.ledger.settled(delivery, withRefused(delivery.fates, refusedRows.size));
    if (batch !== null) assignment.settle(delivery.to, refusals);
    options.events?.settled?.(delivery, options.clock.nowMs() - handedOverAtMs, batch);
  }

  #fail(thrown: unknown): void {
    this.#failure ??= { thrown };
    this.#bell.ring();
  }
}

/** Rows that the sink refused were rejected after all, not forwarded. */
function withRefused(fates: FateCounts, refused: number): FateCounts {
  if (refused === 0) return fates;
  return createFateCounts({ ...fates, forwarded: fates.forwarded - refused, rejected: fates.rejected + refused });
}
