import { join } from 'node:path';
import { models, retrain } from '@penstock/contracts';
import { systemClock } from '@penstock/kernel';
import type { Platform } from '../platform/open-platform.ts';
import { type Calendar, calendarOf } from './calendar.ts';
import { type Child, openChild } from './child.ts';
import { proposeBattery, proposeWithoutCo2, type RegistryAnswer } from './evolution.ts';
import type { ObservationSource } from './observation.ts';
import { type ObservationOrder, observe } from './observe.ts';
import type { Pace } from './pace.ts';
import { tooLate } from './problems.ts';
import type { PublishingCommand, PublishingNews, PublishingOrder } from './publishing.ts';
import { applyRooms, rooms } from './rooms.ts';
import { noSample, type Sample, StageSampler } from './stage-sampler.ts';
import { modelInputs, openTables, type Tables } from './stored-predictions.ts';
import { askModel, askRetrainer, registerCorrupt, servedBy, trainFirst } from './training.ts';

export interface StoryOptions extends ObservationOrder {
  readonly platform: Platform;
  /** Holds what the publisher was promised. */
  readonly folder: string;
  /** False: the sensors stay as they are, and nothing may be noticed. */
  readonly shifted: boolean;
  readonly paces: (calendar: Calendar) => readonly Pace[];
  readonly said: (news: string) => void;
  readonly signal: AbortSignal;
}

/** What another team's process counted. */
export interface AskerCounts {
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  readonly lastFailure: string;
  readonly versions: readonly string[];
}

const labelDelayMs = 300_000;
const watchMs = 1_000;
const sampleMs = 1_000;
const settleMsMax = 180_000;
const asksPerSecond = 60;

/** The demo from its first reading to its last: devices publish, a model is trained, the world changes, and what follows from that. */
export class Story implements AsyncDisposable {
  readonly source: ObservationSource;
  readonly calendar: Calendar;
  readonly acknowledgedFile: string;
  readonly tables: Tables;
  progress = { atMs: 0, published: 0, acknowledged: 0, readings: 0 };
  sample: Sample = noSample;
  archived = 0;
  model: models.Model | null = null;
  runs: readonly retrain.Run[] = [];
  alarms: readonly retrain.Alarm[] = [];
  readonly evolution: { accepted: RegistryAnswer | null; refused: RegistryAnswer | null } = { accepted: null, refused: null };
  corrupt: string | null = null;
  shiftedAtMs: number | null = null;
  readonly #options: StoryOptions;
  readonly #sampler: StageSampler;
  readonly #ended = new AbortController();
  #devices: Child<PublishingNews> | null = null;
  #asker: Child<AskerCounts> | null = null;
  #watching: Promise<unknown> = Promise.resolve();

  constructor(options: StoryOptions) {
    const { platform, folder } = options;
    this.#options = options;
    this.source = observe(options);
    this.calendar = calendarOf(this.source.observations);
    this.acknowledgedFile = join(folder, 'acknowledged.ndjson');
    this.tables = openTables(platform.env['POSTGRES_URL'] ?? '');
    const services = ['mqtt-ingestor', 'preprocessor', 'model-server', 'sink-dispatcher'] as const;
    this.#sampler = new StageSampler(Object.fromEntries(services.map((name) => [name, platform.grpcOf(name)])));
  }

  get asked(): AskerCounts | null {
    return this.#asker?.last ?? null;
  }

  /** Applies the document and lets devices publish to the end of the data. Resolves when everything has settled. */
  async run(): Promise<void> {
    const { platform, said } = this.#options;
    const version = await applyRooms(platform.env['PENSTOCK_GATEWAY'] ?? '');
    said(`the pipeline rooms is applied, version ${version}`);
    this.#watching = Promise.all([this.#keepSampling(), this.#keepWatching()]);
    await this.#publish();
    if (this.#options.signal.aborted) return;
    said('the devices have published everything: waiting until it is stored');
    await this.#until(() => this.#isSettled(), 'everything to be stored');
  }

  /** The viewer moves the light sensors now. */
  shiftNow(): void {
    this.#tell({ shiftNow: true });
  }

  async #publish(): Promise<void> {
    const { platform, shifted, dataFolder, simulation, paces, signal } = this.#options;
    const { trainUntilMs, batteryFromMs, shiftFromMs } = this.calendar;
    const order: PublishingOrder = {
      mqttUrl: platform.env['MQTT_URL'] ?? '',
      clientId: 'demo-devices',
      dataFolder,
      simulation,
      acknowledgedFile: this.acknowledgedFile,
      shift: { fromMs: shifted ? shiftFromMs : null, kind: 'covered' },
      batteryFromMs,
      labelDelayMs,
      paces: paces(this.calendar),
      holds: [trainUntilMs, batteryFromMs],
    };
    const script = join(import.meta.dirname, 'publish-readings.ts');
    await using devices = openChild<PublishingNews>({ script, order, heard: (news) => this.#heard(news) });
    this.#devices = devices;
    const stop = (): void => devices.tell({ end: true });
    signal.addEventListener('abort', stop, { once: true });
    await devices.ended;
    signal.removeEventListener('abort', stop);
    this.#devices = null;
  }

  #tell(command: PublishingCommand): void {
    this.#devices?.tell(command);
  }

  #heard(news: PublishingNews): void {
    const { said } = this.#options;
    if (news.news === 'progress') this.#moveTo(news);
    if (news.news === 'shifted') {
      this.shiftedAtMs = news.atMs;
      said('a sheet of paper now lies on every light sensor');
    }
    if (news.news === 'done') this.progress = { ...news, atMs: this.progress.atMs };
    if (news.news === 'held') {
      const task = news.atMs === this.calendar.trainUntilMs ? this.#trainFirst() : this.#evolve();
      task
        .catch((thrown: unknown) => said(`${thrown instanceof Error ? thrown.message : String(thrown)}`))
        .finally(() => this.#tell({ go: true }));
    }
  }

  #moveTo({ atMs, published, acknowledged, readings }: Story['progress']): void {
    const { shifted, said } = this.#options;
    this.progress = { atMs, published, acknowledged, readings };
    if (shifted && this.shiftedAtMs === null && atMs >= this.calendar.shiftFromMs) {
      this.shiftedAtMs = this.calendar.shiftFromMs;
      said('a sheet of paper now lies on every light sensor: a sixth of the light comes through');
    }
  }

  async #trainFirst(): Promise<void> {
    const { platform, said } = this.#options;
    await this.#until(
      () => this.sample.caughtUpButServing && this.archived >= this.readingsAcknowledged,
      'the readings to be features',
    );
    if (servedBy(await askModel(platform.grpcOf('model-server'))) === 0) {
      said('the first model is trained from what lies in Kafka');
      const run = await trainFirst(platform.grpcOf('retrainer'), (step) => said(`training: ${step}`));
      said(`version ${run.version} was promoted: ${figuresOf(run)}`);
    }
    await this.#until(async () => servedBy(await askModel(platform.grpcOf('model-server'))) > 0, 'the model to serve');
    this.#startAsking();
    this.corrupt = await registerCorrupt(platform.grpcOf('model-server'));
    said(this.corrupt === null ? 'a corrupt model was taken in' : `a corrupt model was refused: ${this.corrupt}`);
  }

  #startAsking(): void {
    const script = join(import.meta.dirname, 'ask-model.ts');
    const address = this.#options.platform.grpcOf('model-server');
    this.#asker ??= openChild<AskerCounts>({
      script,
      args: [address, rooms.model, rooms.alias, modelInputs.join(','), String(asksPerSecond)],
    });
  }

  async #evolve(): Promise<void> {
    const { platform, said } = this.#options;
    const registry = platform.env['PENSTOCK_REGISTRY'] ?? '';
    const before = this.sample.versions;
    this.evolution.accepted = await proposeBattery(registry);
    said(
      this.evolution.accepted.accepted
        ? 'readings got one more field: batteryPct'
        : `one more field was refused: ${this.evolution.accepted.message}`,
    );
    await this.#until(() => this.sample.versions.get('archive') !== before.get('archive'), 'the archive to know the new field');
    this.evolution.refused = await proposeWithoutCo2(registry);
    said(
      this.evolution.refused.accepted
        ? 'readings lost co2Ppm'
        : `readings without co2Ppm were refused: ${this.evolution.refused.message}`,
    );
  }

  async #keepSampling(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      this.sample = await this.#sampler.sample();
      this.archived = await this.tables.archived().catch(() => this.archived);
      await systemClock.sleep(sampleMs, this.#ended.signal);
    }
  }

  async #keepWatching(): Promise<void> {
    const { platform } = this.#options;
    while (!this.#ended.signal.aborted) {
      const news = await askRetrainer(platform.grpcOf('retrainer'));
      if (news !== null) this.#compare(news.runs, news.alarms);
      this.model = (await askModel(platform.grpcOf('model-server'))) ?? this.model;
      await systemClock.sleep(watchMs, this.#ended.signal);
    }
  }

  #compare(runs: readonly retrain.Run[], alarms: readonly retrain.Alarm[]): void {
    const { said } = this.#options;
    const knownAlarms = new Set(this.alarms.map(({ id }) => id));
    for (const alarm of alarms) if (!knownAlarms.has(alarm.id)) said(`drift since ${alarm.sinceDay}: ${alarm.reason}`);
    const knownRuns = new Map(this.runs.map((run) => [run.id, run.state]));
    for (const run of runs) {
      if (run.trigger?.kind === 'api' || knownRuns.get(run.id) === run.state) continue;
      said(
        run.state === retrain.RunState.RUNNING
          ? `a training was set off by ${run.trigger?.kind}: ${run.trigger?.detail}`
          : `the training ended: ${run.reason} ${figuresOf(run)}`,
      );
    }
    this.runs = runs;
    this.alarms = alarms;
  }

  /** Readings that the publisher was promised, in this run and in those before it. */
  get readingsAcknowledged(): number {
    return this.progress.readings;
  }

  /** Every row of the archive is there, nothing lies in front of any stage, and the last window of each room is a prediction. */
  async #isSettled(): Promise<boolean> {
    if (!this.sample.caughtUp || this.#isTraining()) return false;
    const lastMs = this.source.observations.at(-1)?.atMs ?? 0;
    const newest = await this.tables.newestWindows();
    const keys = new Set(this.source.observations.map(({ building, room }) => `${building}/${room}`));
    return [...keys].every((key) => (newest.get(key) ?? 0) >= Math.floor(lastMs / 60_000) * 60_000);
  }

  #isTraining(): boolean {
    return this.runs.some(({ state }) => state === retrain.RunState.RUNNING);
  }

  async #until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const { signal } = this.#options;
    const deadlineMs = Date.now() + settleMsMax;
    while (!(await condition())) {
      if (signal.aborted) return;
      if (Date.now() > deadlineMs) throw tooLate(`waited ${settleMsMax / 1_000} s for ${what}`);
      await systemClock.sleep(100, signal);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#asker?.[Symbol.asyncDispose]();
    await this.#watching;
    this.#sampler[Symbol.dispose]();
    await this.tables[Symbol.asyncDispose]();
  }
}

function figuresOf({ metrics }: retrain.Run): string {
  const balanced = metrics.get('balancedAccuracy');
  return balanced === undefined ? '' : `balanced accuracy ${(balanced * 100).toFixed(1)} % on rows that it had not seen`;
}
