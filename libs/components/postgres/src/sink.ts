import type { Binding } from '@penstock/kernel';
import type { Claim, Lane, Sink } from '@penstock/pipeline';
import { PostgresClaim, type StoredRows } from './claim.ts';
import { columnsOf, type FilledColumn } from './columns.ts';
import { type PostgresConfig, type PostgresSettings, postgresConfig } from './config.ts';
import { claimPlace, declareLedger, type LedgerPlace } from './ledger.ts';
import { RowWriter } from './row-writer.ts';
import { Sessions } from './sessions.ts';
import { declareAlone, declareTable } from './table.ts';

export interface PostgresSinkContext {
  readonly pipeline: string;
  readonly stage: string;
  /** What the encoder writes. */
  readonly columns: readonly Binding[];
  /** Told after each commit; nothing waits for the listener. */
  stored?(stored: StoredRows): void;
}

/**
 * Stores rows, the state of the stage and the position of the lane in one transaction: each row exactly once, whatever dies. Opening
 * it asks nothing of the database; a claim does.
 */
export function openPostgresSink(settings: PostgresSettings, context: PostgresSinkContext): Sink {
  return new PostgresSink(postgresConfig.parse(settings), context);
}

class PostgresSink implements Sink {
  readonly #config: PostgresConfig;
  readonly #context: PostgresSinkContext;
  readonly #columns: readonly FilledColumn[];
  readonly #writer: RowWriter;
  readonly #sessions: Sessions;

  constructor(config: PostgresConfig, context: PostgresSinkContext) {
    this.#config = config;
    this.#context = context;
    this.#columns = columnsOf(config, context.columns);
    this.#writer = new RowWriter(config, this.#columns);
    this.#sessions = new Sessions(config);
  }

  stores(route: string): boolean {
    return route === 'main';
  }

  async claim(lane: Lane, signal: AbortSignal): Promise<Claim> {
    const { pipeline, stage } = this.#context;
    const { schema, transactionRowsMax } = this.#config;
    const place: LedgerPlace = { schema, stage: `${pipeline}.${stage}`, lane };
    await this.#declare(signal);
    const entry = await this.#sessions.transaction(`claim of ${lane}`, (session) => claimPlace(session, place), signal);
    const stored = (rows: StoredRows): void => this.#context.stored?.(rows);
    return new PostgresClaim({ sessions: this.#sessions, writer: this.#writer, place, entry, transactionRowsMax, stored });
  }

  /** With every claim: a table that was changed or lost meanwhile is one of the reasons for a new claim. */
  async #declare(signal: AbortSignal): Promise<void> {
    const { schema, table } = this.#config;
    await this.#sessions.transaction(
      `table ${table}`,
      async (session) => {
        await declareAlone(session, schema);
        await declareLedger(session, schema);
        await declareTable(session, this.#config, this.#columns);
      },
      signal,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sessions[Symbol.asyncDispose]();
  }
}
