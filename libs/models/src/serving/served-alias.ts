import type { ModelVersion } from '@penstock/catalogue';
import { type Clock, Problem, type Random } from '@penstock/kernel';
import { Backoff } from '@penstock/pipeline';
import { otherInputs } from '../problems.ts';
import type { ReadyModel, Shelf } from './shelf.ts';

export interface AliasEvents {
  swapped(alias: ServedAlias, swap: { readonly from: number | null; readonly tookMs: number }): void;
  /** What the alias points at cannot serve; whatever served before serves on. */
  refused(alias: ServedAlias, version: number | null, problem: Problem): void;
}

export interface ServedAliasParts {
  readonly model: string;
  readonly alias: string;
  /** Where the alias points now; throws a problem while that is not known. */
  readonly wanted: () => ModelVersion | null;
  readonly shelf: Shelf;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly events: AliasEvents;
}

const waits = { firstMs: 200, maxMs: 10_000, stableMs: 60_000 };

/**
 * What answers behind one alias. A move loads and checks the new version first and turns to it between two requests; the one
 * before stays loaded, so that going back takes no time.
 */
export class ServedAlias {
  readonly model: string;
  readonly alias: string;
  readonly #parts: ServedAliasParts;
  #serving: ReadyModel | null = null;
  #before: ReadyModel | null = null;
  #problem: Problem | null = null;
  #settled: Promise<void> = Promise.resolve();

  constructor(parts: ServedAliasParts) {
    this.model = parts.model;
    this.alias = parts.alias;
    this.#parts = parts;
  }

  get serving(): ReadyModel | null {
    return this.#serving;
  }

  /** Why what the alias points at does not serve; null while it does, or is being loaded. */
  get problem(): Problem | null {
    return this.#problem;
  }

  /** Goes where the alias points now, one move after the other. Resolves when it serves or is refused. */
  follow(): Promise<void> {
    this.#settled = this.#settled.then(() => this.#follow());
    return this.#settled;
  }

  /** Resolves when no move is under way. */
  settled(): Promise<void> {
    return this.#settled;
  }

  async #follow(): Promise<void> {
    const backoff = new Backoff(waits, this.#parts.random);
    const { clock, signal } = this.#parts;
    while (!(await this.#turn()) && !signal.aborted) await clock.sleep(backoff.afterFailure(clock.nowMs()), signal);
  }

  /** False when it is worth another attempt. */
  async #turn(): Promise<boolean> {
    let wanted: ModelVersion | null = null;
    try {
      wanted = this.#parts.wanted();
      if (wanted !== null && wanted.version !== this.#serving?.entry.version) await this.#swap(wanted);
      this.#problem = null;
      return true;
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      // Whatever else changes in the catalogue, it is said once.
      const isNews = this.#problem?.message !== thrown.message;
      this.#problem = thrown;
      if (isNews) this.#parts.events.refused(this, wanted?.version ?? null, thrown);
      return thrown.remedy !== 'retry';
    }
  }

  async #swap(wanted: ModelVersion): Promise<void> {
    const { shelf, clock, events } = this.#parts;
    const startedMs = clock.nowMs();
    const from = this.#serving;
    if (from !== null) checkSameInputs(from.entry, wanted);
    const next = await shelf.hold(wanted, this.#holder);
    const dropped = this.#before;
    this.#before = from;
    this.#serving = next;
    if (dropped !== null && dropped.entry.version !== wanted.version) void shelf.release(dropped.entry, this.#holder);
    events.swapped(this, { from: from?.entry.version ?? null, tookMs: clock.nowMs() - startedMs });
  }

  get #holder(): string {
    return `alias ${this.alias}`;
  }
}

/** Those who ask an alias send its inputs by name and order, and nobody asks them before it moves. */
export function checkSameInputs(from: ModelVersion, to: ModelVersion): void {
  const names = ({ inputs }: ModelVersion): string => inputs.map(({ name }) => name).join(', ');
  if (names(from) === names(to)) return;
  throw otherInputs(
    `${to.model} version ${to.version} takes ${names(to)}, and version ${from.version}, which the alias serves, ${names(from)}: give it an alias of its own`,
  );
}
