import pg from 'pg';
import { addressOf, type PostgresConfig } from './config.ts';
import { closed, leavesUnknown, outcomeUnknown, problemOf, unreachable } from './problems.ts';

/** One connection, inside a transaction. */
export interface Session {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** Waiting for an answer longer than the server would work on it. */
const answerGraceMs = 2_000;

/** The stage's connections to one database. Whatever they throw is a problem of this component, or a defect. */
export class Sessions implements AsyncDisposable {
  /** How messages name the database. */
  readonly shown: string;
  readonly #pool: pg.Pool;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(config: PostgresConfig) {
    this.shown = `postgres at ${addressOf(config)}`;
    this.#free = config.connectionsMax;
    this.#pool = new pg.Pool({
      connectionString: config.url,
      ...(config.tls === null ? {} : { ssl: config.tls }),
      application_name: 'penstock',
      max: config.connectionsMax,
      connectionTimeoutMillis: config.connectTimeoutMs,
      statement_timeout: config.statementTimeoutMs,
      // A process that is frozen in a transaction must not hold its locks for ever.
      idle_in_transaction_session_timeout: config.statementTimeoutMs,
      query_timeout: config.statementTimeoutMs + answerGraceMs,
      keepAlive: true,
    });
    // Breaking is told by the query that is under way; an idle connection that broke is replaced.
    this.#pool.on('error', () => undefined).on('connect', (client) => void client.on('error', () => undefined));
  }

  /** Runs in a transaction. When the signal aborts, the connection is cut. */
  async transaction<Value>(
    doing: string,
    run: (session: Session) => Promise<Value>,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Value> {
    await this.#permit();
    try {
      if (signal.aborted) throw closed(`${this.shown} › ${doing}: let go`);
      return await this.#transaction(`${this.shown} › ${doing}`, run, signal);
    } finally {
      this.#free += 1;
      this.#waiting.shift()?.();
    }
  }

  /** The pool's own queue counts waiting for a free connection as a connection that failed. */
  async #permit(): Promise<void> {
    while (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#free -= 1;
  }

  async #transaction<Value>(doing: string, run: (session: Session) => Promise<Value>, signal: AbortSignal): Promise<Value> {
    const lease = await this.#lease(doing, signal);
    const session = sessionOf(lease.client, doing);
    try {
      await session.query('begin');
      const value = await run(session);
      await commit(lease.client, doing);
      lease.giveBack(true);
      return value;
    } catch (thrown) {
      lease.giveBack(await rollsBack(session, thrown));
      throw thrown;
    }
  }

  async #lease(doing: string, signal: AbortSignal): Promise<{ client: pg.PoolClient; giveBack(sound: boolean): void }> {
    const client = await this.#pool.connect().catch((thrown: unknown) => {
      throw problemOf(thrown, doing);
    });
    let held = true;
    const giveBack = (sound: boolean): void => {
      if (!held) return;
      held = false;
      signal.removeEventListener('abort', cut);
      client.release(!sound);
    };
    const cut = (): void => giveBack(false);
    if (signal.aborted) cut();
    signal.addEventListener('abort', cut, { once: true });
    return { client, giveBack };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }
}

function sessionOf(client: pg.PoolClient, doing: string): Session {
  return {
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      const { rows } = await client.query<Row>(text, [...values]).catch((thrown: unknown) => {
        throw problemOf(thrown, doing);
      });
      return rows;
    },
  };
}

async function commit(client: pg.PoolClient, doing: string): Promise<void> {
  const { command } = await client.query('commit').catch((thrown: unknown) => {
    if (!leavesUnknown(thrown)) throw problemOf(thrown, doing);
    throw outcomeUnknown(`${doing}: no answer to the commit`, { cause: thrown });
  });
  if (command !== 'COMMIT') throw new TypeError(`${doing}: a transaction that had failed was committed`);
}

/** True when the connection is good for another transaction. */
async function rollsBack(session: Session, thrown: unknown): Promise<boolean> {
  if (unreachable.caused(thrown) || outcomeUnknown.caused(thrown)) return false;
  try {
    await session.query('rollback');
    return true;
  } catch {
    return false;
  }
}
