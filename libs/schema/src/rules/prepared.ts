import { Problem } from '@penstock/kernel';
import { brokenRule } from '../problems.ts';
import type { Awaitable } from './executor.ts';

/** What became of the bytes of a record whose rules have been run ahead: other bytes, or what keeps the record back. */
type Outcome = { readonly bytes: Uint8Array } | { readonly problem: Problem };

/** A map, weak or not. */
interface Outcomes<Key> {
  get(key: Key): Outcome | undefined;
  set(key: Key, outcome: Outcome): unknown;
  delete(key: Key): unknown;
}

/** Outcomes that wait to be taken, by what they are outcomes of. */
export class Prepared<Key> {
  readonly #outcomes: Outcomes<Key>;

  constructor(outcomes: Outcomes<Key>) {
    this.#outcomes = outcomes;
  }

  has(key: Key): boolean {
    return this.#outcomes.get(key) !== undefined;
  }

  /** Runs rules and keeps what comes of it; a promise only where they wait for something. Throws outages. */
  keep(key: Key, run: () => Awaitable<Uint8Array>): Promise<void> | null {
    try {
      const bytes = run();
      if (bytes instanceof Promise) {
        return bytes.then(
          (after) => this.#keep(key, { bytes: after }),
          (thrown: unknown) => this.#refuse(key, thrown),
        );
      }
      this.#keep(key, { bytes });
    } catch (thrown) {
      this.#refuse(key, thrown);
    }
    return null;
  }

  /** Undefined where nothing was kept. Throws the problem that was. */
  take(key: Key): Uint8Array | undefined {
    const outcome = this.#outcomes.get(key);
    if (outcome === undefined) return undefined;
    this.#outcomes.delete(key);
    if ('problem' in outcome) throw outcome.problem;
    return outcome.bytes;
  }

  #keep(key: Key, outcome: Outcome): void {
    this.#outcomes.set(key, outcome);
  }

  #refuse(key: Key, thrown: unknown): void {
    if (!(thrown instanceof Problem) || thrown.remedy !== 'reject') throw thrown;
    this.#keep(key, { problem: thrown });
  }
}

/** What rules make of bytes at once. A record that was not prepared and has to wait is kept back: nothing passes unruled. */
export function atOnce(result: Awaitable<Uint8Array>): Uint8Array {
  if (!(result instanceof Promise)) return result;
  result.catch(() => undefined); // what comes of it is nobody's any more
  throw brokenRule('the rules of the record have to be waited for, and nobody prepared it');
}
