import { messageOf, Problem } from '@penstock/kernel';
import { alreadyRunning } from '../problems.ts';
import type { Runs, TrainingPlan } from '../runs/runs.ts';
import { clearOthers, standingAlarm } from './alarms.ts';
import { wantedRuns } from './triggers.ts';
import { VersionWatch, type WatchParts } from './version-watch.ts';

export interface ModelWatchParts extends WatchParts {
  readonly runs: Runs;
  readonly pollMs: number;
}

/** A run that was started and then lost with Redis is asked for again. */
const askAgainMs = 5_000;

/** Watches one model for as long as its plan stays as it is, and asks for the runs that the plan wants. */
export class ModelWatch implements AsyncDisposable {
  readonly #training: () => TrainingPlan;
  readonly #parts: ModelWatchParts;
  readonly #ending = new AbortController();
  readonly #loop: Promise<void>;
  /** Runs that cannot be started, whatever happens. */
  readonly #hopeless = new Set<string>();
  /** When a run was last asked for, which goes on by itself from then on. */
  readonly #askedAtMs = new Map<string, number>();
  #interruption = '';

  /** `training` answers how the model is trained now; only the version of the document may change. */
  constructor(training: () => TrainingPlan, parts: ModelWatchParts) {
    this.#training = training;
    this.#parts = parts;
    this.#loop = Promise.resolve().then(() => this.#run()); // not before the caller has this watch
  }

  async #run(): Promise<void> {
    const { clock, pollMs } = this.#parts;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        await this.#watchVersion();
      } catch (thrown) {
        if (signal.aborted) return;
        this.#tellInterruption(thrown);
        await clock.sleep(pollMs, signal);
      }
    }
  }

  /** An outage is told once, however long it takes. */
  #tellInterruption(thrown: unknown): void {
    const { model } = this.#training().plan;
    const code = thrown instanceof Problem ? thrown.code : 'defect';
    if (code !== this.#interruption) this.#parts.log('drift.watch-interrupted', { model, code, message: messageOf(thrown) });
    this.#interruption = code;
  }

  /** Until another version is in service. */
  async #watchVersion(): Promise<void> {
    const { models, pollMs, clock } = this.#parts;
    const { model, alias } = this.#training().plan;
    const version = models.catalogue.resolve(model, alias);
    if (version !== null) await clearOthers(models, version);
    await using watch = await VersionWatch.open(this.#training(), version, this.#parts);
    const { signal } = this.#ending;
    while (!signal.aborted && models.catalogue.resolve(model, alias)?.version === version?.version) {
      await this.#round(watch);
      await clock.sleep(pollMs, signal);
    }
  }

  /** What was read stays read in an outage. */
  async #round(watch: VersionWatch): Promise<void> {
    try {
      await watch.round(this.#ending.signal);
      await this.#ask(watch);
      this.#interruption = '';
    } catch (thrown) {
      if (this.#ending.signal.aborted || !(thrown instanceof Problem)) throw thrown;
      this.#tellInterruption(thrown);
    }
  }

  async #ask(watch: VersionWatch): Promise<void> {
    const { models, runs } = this.#parts;
    const { model, alias } = this.#training().plan;
    const version = models.catalogue.resolve(model, alias);
    const lastRun = models.catalogue.runs(model).at(-1);
    const trainedUntilMs = Math.max(version?.manifest.trainedUntilMs ?? 0, lastRun?.trainedUntilMs ?? 0);
    const wanted = wantedRuns(this.#training().plan, {
      version: version?.version ?? null,
      trainedUntilMs,
      newLabels: watch.labels.since(trainedUntilMs === 0 ? Number.NEGATIVE_INFINITY : trainedUntilMs),
      alarm: version === null ? null : standingAlarm(models, version),
      lastDay: watch.lastDay,
    });
    const open = wanted.find(({ id }) => models.catalogue.run(id) === null && !this.#hopeless.has(id));
    const nowMs = this.#parts.clock.nowMs();
    if (open === undefined || nowMs - (this.#askedAtMs.get(open.id) ?? Number.NEGATIVE_INFINITY) < askAgainMs) return;
    this.#askedAtMs.clear();
    try {
      await runs.start(this.#training(), open.trigger, open.id);
      this.#askedAtMs.set(open.id, nowMs);
    } catch (thrown) {
      if (alreadyRunning.caused(thrown)) return; // asked again when that has ended
      if (thrown instanceof Problem && thrown.remedy === 'stop') this.#hopeless.add(open.id);
      throw thrown;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#loop;
  }
}
