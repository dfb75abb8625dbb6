import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '@penstock/cli';
import { stages as api } from '@penstock/contracts';
import { createGrpcClient } from '@penstock/service';
import pg from 'pg';

/** What shows that something was tried or delivered again. */
export interface Evidence {
  /** Batches that stages tried again, and outages that the retrainer told of. */
  readonly retries: number;
  /** Rows that came a second time and were taken out. */
  readonly duplicates: number;
  /** Processes that were started again. */
  readonly restarts: number;
}

interface Count {
  readonly retries: number;
  readonly duplicates: number;
}

/** What services said of themselves at one moment. Counts of a stage begin anew with its process. */
export interface Counts {
  readonly stages: ReadonlyMap<string, Count>;
  readonly outages: number;
  readonly restarts: number;
}

const stageServices = ['mqtt-ingestor', 'preprocessor', 'model-server', 'sink-dispatcher'] as const;
const answerMs = 2_000;
const outageEvent = '"retrain.redis-outage"';

/** Looks at a platform while it is under fault: at its tables in SQL, at its stages over gRPC. */
export class Watcher implements AsyncDisposable {
  readonly #platform: Platform;
  readonly #pool: pg.Pool;
  readonly #clients: readonly ReturnType<typeof createClient>[];

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#pool = new pg.Pool({ connectionString: platform.brokers.postgres.address, max: 2 });
    this.#pool.on('error', () => undefined); // PostgreSQL is killed on purpose
    this.#clients = stageServices.map((name) => createClient(platform.grpcOf(name)));
  }

  /** Rows of the archive. */
  async archived(): Promise<number> {
    const { rows } = await this.#pool.query<{ count: string }>('select count(*) as count from readings');
    return Number(rows[0]?.count ?? 0);
  }

  /** The start of the window up to which every one of so many rooms has a prediction; -1 while one has none. */
  async predictedUntilMs(rooms: number): Promise<number> {
    const { rows } = await this.#pool.query<{ rooms: string; until: string | null }>(
      'select count(*) as rooms, min(newest) as until from (select max(window_start_ms) as newest from predictions group by key) as each',
    );
    return Number(rows[0]?.rooms) === rooms ? Number(rows[0]?.until) : -1;
  }

  /** True when each service answers and none of its stages waits for anything. */
  async flows(stagesMin: number): Promise<boolean> {
    const all = (await this.#listStages()).flat();
    return all.length >= stagesMin && all.every(({ state }) => state === api.StageState.FLOWING);
  }

  /** Throws while a service does not answer. */
  async count(): Promise<Counts> {
    const all = (await this.#listStages()).flat();
    const stages = all.map(
      ({ stage, retries, fates }) =>
        [stage, { retries: Number(retries), duplicates: Number(fates.get('duplicate') ?? 0) }] as const,
    );
    const log = readFileSync(join(this.#platform.folder, 'logs/retrainer.log'), 'utf8');
    const restarts = this.#platform.services.reduce((sum, service) => sum + service.restarts, 0);
    return { stages: new Map(stages), outages: log.split(outageEvent).length - 1, restarts };
  }

  #listStages(): Promise<api.StageStatus[][]> {
    return Promise.all(
      this.#clients.map(async (client) => (await client.listStages({ pipeline: '' }, { deadlineMs: answerMs })).stages),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client[Symbol.dispose]();
    await this.#pool.end();
  }
}

/** What happened between two moments. */
export function evidenceBetween(before: Counts, after: Counts): Evidence {
  const evidence = { retries: after.outages - before.outages, duplicates: 0, restarts: after.restarts - before.restarts };
  for (const [stage, { retries, duplicates }] of after.stages) {
    const old = before.stages.get(stage);
    evidence.retries += growth(old?.retries ?? 0, retries);
    evidence.duplicates += growth(old?.duplicates ?? 0, duplicates);
  }
  return evidence;
}

function growth(before: number, after: number): number {
  return after >= before ? after - before : after;
}

function createClient(address: string) {
  return createGrpcClient(api.StagesServiceClient, address, { retries: 0 });
}
