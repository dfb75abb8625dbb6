import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@penstock/kernel';
import { aimed, type Bench, type BenchOptions, beside, besideCost, type Figure, report, summarise } from './figures.ts';
import { measureBarePipe, measureHops } from './hop-limits.ts';
import { openSite, type Site, services, waitFor } from './pipeline-site.ts';
import { elapsed, type ProcessorSeconds, readProcessorSeconds, sumOf } from './processor-time.ts';

const warmupReadings = 20_000;
const readingsAtMost = 60_000;
const latencySeconds = 20;
const steadySeconds = 60;
const load = 'the load';

/**
 * Readings from MQTT to rows in PostgreSQL through the real processes. The rate and the processor time are those of a backlog that
 * is published as fast as the broker takes it; latency is that of half this rate, from the publish to the insert.
 */
export const benchPipeline: Bench = async (options) => {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-bench-pipeline-'));
  try {
    await using site = await openSite(folder, options.say);
    return report('pipeline', await measureAll(site, options));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

async function measureAll(site: Site, options: BenchOptions): Promise<Figure[]> {
  const feed = new Feed(site);
  await feed.drive(warmupReadings, 0);
  const runs: Driven[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    runs.push(await feed.drive(readingsAtMost, 0));
    options.say(`as fast as it goes, round ${round} of ${options.rounds}: ${Math.round(runs.at(-1)?.rate ?? 0)} records/s`);
  }
  const rate = summarise(
    'records/s from MQTT to PostgreSQL',
    'records/s',
    runs.map((run) => run.rate),
  );
  const latency = await feed.latencies(rate.median / 2);
  options.say('latency at half the rate is measured');
  const steady = await feed.drive(Math.floor(rate.median * 0.8) * steadySeconds, Math.floor(rate.median * 0.8));
  options.say('60 s at 80 % of the rate are over');
  const { lost, doubled } = await feed.account();
  const hops = await measureHops(site, options);
  const bare = await measureBarePipe(site, options);
  return [
    aimed(rate, 10_000),
    limitOf(rate, runs),
    ...hops.map((hop) => beside({ ...rate, name: 'the whole pipe' }, hop)),
    ...processorFigures(runs),
    besideCost(
      processorFigure('our services', runs, ({ processor }) => sumOf(ofServices(processor))),
      bare,
      3,
    ),
    ...latency,
    { ...summarise('lost', 'readings', [lost]), aim: '0', holds: lost === 0 },
    { ...summarise('doubled', 'rows', [doubled]), aim: '0', holds: doubled === 0 },
    lagFigure(steady, rate.median * 0.8),
    ...hops,
    bare,
  ];
}

/** One stretch of readings, all of which became rows. */
interface Driven {
  readonly rate: number;
  readonly records: number;
  readonly processor: ProcessorSeconds;
  /** Readings published and not stored yet, second by second. */
  readonly lags: readonly number[];
}

/** Publishes with a process of its own and watches the table. */
class Feed {
  readonly #site: Site;
  #published = 0;

  constructor(site: Site) {
    this.#site = site;
  }

  /** As fast as it goes when the rate is 0. */
  async drive(records: number, ratePerSecond: number): Promise<Driven> {
    const before = readProcessorSeconds(this.#site.pids());
    const storedBefore = await this.#stored();
    const startedMs = performance.now();
    const publishing = this.#publish(records, ratePerSecond);
    const lags: number[] = [];
    const watch = new AbortController();
    const watching =
      ratePerSecond === 0 ? null : this.#watch(lags, { storedBefore, ratePerSecond, records, signal: watch.signal });
    const loadSeconds = await publishing;
    await waitFor(`${records} rows`, async () => (await this.#stored()) >= storedBefore + records, 180_000);
    const seconds = (performance.now() - startedMs) / 1_000;
    watch.abort();
    await watching;
    // Transactions that were rolled back have taken numbers as well: the rows themselves have the last word.
    await waitFor('the last row', async () => (await this.#count()).ids >= this.#published).catch(() => undefined);
    const processor = { ...elapsed(before, readProcessorSeconds(this.#site.pids())), [load]: loadSeconds };
    return { rate: records / seconds, records, processor, lags };
  }

  async latencies(ratePerSecond: number): Promise<Figure[]> {
    const from = await this.#stored();
    await this.drive(Math.floor(ratePerSecond) * latencySeconds, Math.floor(ratePerSecond));
    const { rows } = await this.#site.database.query(
      `select percentile_cont(array[0.5, 0.99]) within group (order by 1000 * extract(epoch from measured_at - event_time)) as quantiles
         from predictions where measured_number > $1`,
      [from],
    );
    const [median, high] = rows[0].quantiles as [number, number];
    return [summarise('latency at half the rate, p50', 'ms', [median]), summarise('latency at half the rate, p99', 'ms', [high])];
  }

  /** Readings without a row, and rows beyond the first of a reading. */
  async account(): Promise<{ lost: number; doubled: number }> {
    const { stored, ids } = await this.#count();
    return { lost: this.#published - ids, doubled: stored - ids };
  }

  async #count(): Promise<{ stored: number; ids: number }> {
    const { rows } = await this.#site.database.query(
      'select count(*)::int as stored, count(distinct id)::int as ids from predictions',
    );
    return rows[0];
  }

  /** Answers the processor seconds of the load. */
  async #publish(records: number, ratePerSecond: number): Promise<number> {
    const { port } = this.#site.platform.brokers.mosquitto;
    const firstSequence = this.#published + 1; // rounds of rooms need fewer numbers than there are readings
    const args = [port, firstSequence, records, ratePerSecond].map(String);
    const child = spawn(process.execPath, [join(import.meta.dirname, 'pipeline-load.ts'), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`the load ended with code ${code}`);
    this.#published += records;
    return Number(said);
  }

  async #watch(
    lags: number[],
    at: { storedBefore: number; ratePerSecond: number; records: number; signal: AbortSignal },
  ): Promise<void> {
    const startedMs = performance.now();
    while (!at.signal.aborted) {
      await systemClock.sleep(1_000, at.signal);
      const offered = Math.min(at.records, ((performance.now() - startedMs) * at.ratePerSecond) / 1_000);
      if (offered < at.records) lags.push(offered - ((await this.#stored()) - at.storedBefore));
    }
  }

  /** Rows so far, without counting them. */
  async #stored(): Promise<number> {
    const { rows } = await this.#site.database.query(
      'select case when is_called then last_value else 0 end::int as stored from predictions_measured_number_seq',
    );
    return rows[0].stored;
  }
}

/** All processors, divided by what all processes together spend on a record: nothing could be faster. */
function limitOf(rate: Figure, runs: readonly Driven[]): Figure {
  const limits = runs.map(({ records, processor }) => (availableParallelism() * records) / sumOf(processor));
  const limit = summarise('the processors divided by the cost of a record', 'records/s', limits);
  return beside({ ...rate, name: 'share of what the processors could do' }, limit, 0.7);
}

function processorFigures(runs: readonly Driven[]): Figure[] {
  const names = Object.keys(runs[0]?.processor ?? {});
  return [
    ...names.map((name) => processorFigure(name, runs, ({ processor }) => processor[name] ?? 0)),
    processorFigure('all together', runs, ({ processor }) => sumOf(processor)),
  ];
}

function processorFigure(name: string, runs: readonly Driven[], seconds: (run: Driven) => number): Figure {
  return summarise(
    `processor, ${name}`,
    'CPU s per 100,000',
    runs.map((run) => (seconds(run) * 100_000) / run.records),
  );
}

function ofServices(processor: ProcessorSeconds): ProcessorSeconds {
  return Object.fromEntries(services.map((name) => [name, processor[name] ?? 0]));
}

/** Flat: the last third of a minute lags no more than the second by half a second's worth of readings. */
function lagFigure({ lags }: Driven, ratePerSecond: number): Figure {
  const third = Math.floor(lags.length / 3);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const growth = mean(lags.slice(2 * third)) - mean(lags.slice(third, 2 * third));
  const figure = summarise('lag over 60 s at 80 % of the rate', 'readings', lags);
  return { ...figure, aim: 'flat', holds: growth < ratePerSecond / 2 };
}
