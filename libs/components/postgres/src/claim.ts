import { Bell } from '@penstock/kernel';
import {
  type Bury,
  type Claim,
  type Delivery,
  fenced,
  type Output,
  type RefusedOutput,
  type StateChange,
} from '@penstock/pipeline';
import { type LedgerEntry, type LedgerPlace, movePlace, readState, saveState } from './ledger.ts';
import { closed, refusedRow, undeclaredRoute } from './problems.ts';
import type { RowWriter, WrittenRows } from './row-writer.ts';
import type { Session, Sessions } from './sessions.ts';

/** What one transaction has stored. */
export interface StoredRows {
  readonly rows: number;
  /** Writes that met a row with their id: counted in upsert mode. */
  readonly duplicates: number;
  readonly refused: number;
}

export interface ClaimParts {
  readonly sessions: Sessions;
  readonly writer: RowWriter;
  readonly place: LedgerPlace;
  readonly entry: LedgerEntry;
  readonly transactionRowsMax: number;
  stored(stored: StoredRows): void;
}

interface Waiting {
  readonly delivery: Delivery;
  readonly bury: Bury;
  readonly stored: PromiseWithResolvers<void>;
}

/** One lane's transactions, one after the other: what came while one was under way is stored together by the next. */
export class PostgresClaim implements Claim {
  readonly position: number | null;
  readonly #parts: ClaimParts;
  readonly #queue: Waiting[] = [];
  readonly #bell = new Bell();
  readonly #ending = new AbortController();
  readonly #loop: Promise<void>;
  #entry: LedgerEntry;
  #spent: { readonly thrown: unknown } | null = null;

  constructor(parts: ClaimParts) {
    this.#parts = parts;
    this.#entry = parts.entry;
    this.position = parts.entry.next;
    this.#loop = this.#run();
  }

  async *restore(): AsyncIterable<StateChange> {
    const { sessions, place } = this.#parts;
    yield* await sessions.transaction(`state of ${place.lane}`, (session) => readState(session, place), this.#ending.signal);
  }

  deliver(delivery: Delivery, bury: Bury): Promise<void> {
    if (this.#spent !== null) return Promise.reject(this.#spent.thrown);
    const stored = Promise.withResolvers<void>();
    this.#queue.push({ delivery, bury, stored });
    this.#bell.ring();
    return stored.promise;
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        const group = await this.#collect();
        await this.#store(group);
        for (const { stored } of this.#queue.splice(0, group.length)) stored.resolve();
      }
    } catch (thrown) {
      this.#spent = { thrown };
      for (const { stored } of this.#queue.splice(0)) stored.reject(thrown);
    }
  }

  /** The deliveries stay in the queue until they are stored. */
  async #collect(): Promise<readonly Waiting[]> {
    for (;;) {
      if (this.#ending.signal.aborted) throw closed(`lane ${this.#parts.place.lane} was let go`);
      if (this.#queue.length > 0) break;
      await this.#bell.wait();
    }
    let rows = 0;
    const tooMany = this.#queue.findIndex(({ delivery }, index) => {
      rows += delivery.outputs.length;
      return index > 0 && rows > this.#parts.transactionRowsMax;
    });
    return tooMany < 0 ? [...this.#queue] : this.#queue.slice(0, tooMany);
  }

  /** First all rows at once; when the table refuses one of them, once more to find which. */
  async #store(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#transact(group, { careful: false });
    } catch (thrown) {
      if (!refusedRow.caused(thrown)) throw thrown;
      await this.#transact(group, { careful: true });
    }
  }

  async #transact(group: readonly Waiting[], options: { readonly careful: boolean }): Promise<void> {
    const { sessions, place, stored } = this.#parts;
    const rows = group.flatMap(({ delivery }) => rowsOf(delivery));
    const changes = group.flatMap(({ delivery }) => delivery.changes);
    const entry = { ...this.#entry, next: nextOf(group, this.#entry.next) };
    const written = await sessions.transaction(
      `rows of ${place.lane}`,
      async (session) => {
        // A constraint that waits for the commit would not say which row it does not like.
        if (options.careful) await session.query('set constraints all immediate');
        const result = await this.#parts.writer.write(session, rows, options);
        await buryRefused(group, result);
        await this.#move(session, changes, entry);
        return result;
      },
      this.#ending.signal,
    );
    this.#entry = entry;
    const refused = written.refused.length;
    stored({ rows: rows.length - refused, duplicates: written.duplicates, refused });
  }

  /** The ledger comes last: an owner that stands still before this statement keeps nobody from claiming the lane. */
  async #move(session: Session, changes: readonly StateChange[], to: LedgerEntry): Promise<void> {
    const { place } = this.#parts;
    if (changes.length > 0) await saveState(session, place, changes);
    const moved = await movePlace(session, place, { from: this.#entry, to: to.next });
    if (!moved) throw fenced(`lane ${place.lane} of ${place.stage} was claimed by another owner after epoch ${to.epoch}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    this.#bell.ring();
    await this.#loop;
  }
}

function rowsOf({ outputs, lane }: Delivery): readonly Output[] {
  const other = outputs.find(({ route }) => route !== 'main');
  if (other !== undefined)
    throw undeclaredRoute(`lane ${lane}: output ${other.id} goes to ${other.route}, a table has only rows`);
  return outputs;
}

/** Where the lane stands after a group. Ticks move nothing; gaps between deliveries are normal, steps back are not. */
function nextOf(group: readonly Waiting[], next: number | null): number | null {
  for (const { delivery } of group) {
    if (delivery.from === delivery.to) continue;
    if (next !== null && delivery.from < next)
      throw new RangeError(`lane ${delivery.lane}: a delivery from ${delivery.from} came at ${next}`);
    next = delivery.to;
  }
  return next;
}

/** Dead letters are durable before the position moves. */
async function buryRefused(group: readonly Waiting[], { refused }: WrittenRows): Promise<void> {
  if (refused.length === 0) return;
  const problems = new Map(refused.map(({ output, problem }) => [output, problem]));
  for (const { delivery, bury } of group) {
    const own = delivery.outputs.flatMap((output, index): RefusedOutput[] => {
      const problem = problems.get(output);
      return problem === undefined ? [] : [{ output: index, problem }];
    });
    if (own.length > 0) await bury(own);
  }
}
