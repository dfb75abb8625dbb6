import { randomUUID } from 'node:crypto';
import { type OpenCatalogue, runRecord, type TrainingRun, type Trigger } from '@penstock/catalogue';
import type { RetrainPlan } from '@penstock/document';
import type { Kafka } from '@penstock/kafka';
import { Bell, type Clock, type Facts, messageOf, Problem } from '@penstock/kernel';
import { rangesOf } from '../data/offset-ranges.ts';
import { alreadyRunning, noSuchRun, unsupportedTarget } from '../problems.ts';
import { standingAlarm } from '../watch/alarms.ts';
import type { RedisDoor } from './redis-door.ts';
import { endOf } from './run-end.ts';
import type { RunOrder } from './run-order.ts';
import type { RunQueue, RunReading, StepReading } from './run-queue.ts';

export interface RunsParts {
  readonly kafka: Kafka;
  readonly models: OpenCatalogue;
  readonly redis: RedisDoor;
  readonly queue: RunQueue;
  readonly clock: Clock;
  log(event: string, facts: Facts): void;
  /** Told once of each run that has ended. */
  ended(run: TrainingRun): void;
}

/** What is trained, as an applied document says it. */
export interface TrainingPlan {
  readonly plan: RetrainPlan;
  readonly pipelineVersion: string;
}

/** A run that has ended, or how far it is. */
export type RunNow = { readonly ended: TrainingRun } | { readonly running: RunReading };

/** A model whose run left no jobs behind is free again after this time: another process may be about to add them. */
const orphanMs = 60_000;
const pollMs = 1_000;

/** Starts, ends and shows runs. Runs under way are jobs, runs that have ended are records of the catalogue. */
export class Runs {
  readonly #parts: RunsParts;
  readonly #orphans = new Map<string, number>();

  constructor(parts: RunsParts) {
    this.#parts = parts;
  }

  /**
   * Starts a run on all that is in the topics now. A run of this id that there is already is answered as it is; throws
   * `retrain.already-running` while the model has another one.
   */
  async start(training: TrainingPlan, trigger: Trigger, id = `${training.plan.model}-${randomUUID()}`): Promise<RunNow> {
    const { redis, queue, models } = this.#parts;
    const { model } = training.plan;
    if (training.plan.trainer.params['objective'] === 'regression')
      throw unsupportedTarget(`model ${model}: its gate judges two classes, and ${training.plan.target.name} is a number`);
    await models.sync();
    const ended = models.catalogue.run(id);
    if (ended !== null) return { ended };
    const holder = await redis.claim(model, id);
    if (holder !== id)
      throw alreadyRunning(`model ${model}: run ${holder} is under way; wait for it, or cancel it`, { facts: { run: holder } });
    const known = await queue.read(id);
    if (known !== null) return { running: known };
    try {
      const order = await this.#orderOf(training, trigger, id);
      await queue.add(order);
      this.#parts.log('retrain.started', { run: id, model, trigger: trigger.kind, detail: trigger.detail });
      return { running: { order, steps: [], progress: {} } };
    } catch (thrown) {
      await redis.release(model, id).catch(() => undefined); // an orphan is found later
      throw thrown;
    }
  }

  /** Null: nobody knows of such a run. */
  async find(id: string): Promise<RunNow | null> {
    const ended = this.#parts.models.catalogue.run(id);
    if (ended !== null) return { ended };
    const running = await this.#parts.queue.read(id);
    return running === null ? null : { running };
  }

  /** Runs of a model, or of all; those under way first, then the newest. */
  async list(model: string): Promise<RunNow[]> {
    const { redis, queue, models } = this.#parts;
    const claims = [...(await redis.running())].filter(([name]) => model === '' || name === model);
    const readings = await Promise.all(claims.map(([, id]) => queue.read(id)));
    const running = readings.filter((reading) => reading !== null && models.catalogue.run(reading.order.id) === null);
    const ended = (model === '' ? models.catalogue.models() : [model]).flatMap((name) => models.catalogue.runs(name));
    ended.sort((left, right) => right.finishedAtMs - left.finishedAtMs);
    return [...running.map((reading) => ({ running: reading as RunReading })), ...ended.map((run) => ({ ended: run }))];
  }

  /** Each step as it is and as it goes on; the last item is the run as it ended. Throws `retrain.no-such-run`. */
  async *watch(id: string, signal: AbortSignal): AsyncGenerator<StepReading | TrainingRun> {
    const told = new Map<string, string>();
    const bell = new Bell();
    using _watching = this.#parts.queue.watch(id, bell);
    using _recording = stopper(this.#parts.models.onChange((key) => key === `run/${id}` && bell.ring()));
    const ringer = setInterval(() => bell.ring(), pollMs); // events of Redis may be missed
    const ring = (): void => bell.ring();
    signal.addEventListener('abort', ring);
    try {
      while (!signal.aborted) {
        const ended = this.#parts.models.catalogue.run(id); // before the steps: what they say then is their last word
        const reading = await this.#parts.queue.read(id);
        if (ended === null && reading === null)
          throw noSuchRun(`there is no run ${id}; penstock retrain ls shows those there are`);
        yield* news(wordOf(reading?.steps ?? [], ended), told);
        if (ended !== null) return yield ended;
        await bell.wait();
      }
    } finally {
      clearInterval(ringer);
      signal.removeEventListener('abort', ring);
    }
  }

  /** Answers the run as it ended, which may be otherwise when it was faster. */
  async cancel(id: string, signal: AbortSignal): Promise<TrainingRun> {
    const now = await this.find(id);
    if (now === null) throw noSuchRun(`there is no run ${id}; penstock retrain ls shows those there are`);
    if ('ended' in now) return now.ended;
    this.#parts.log('retrain.cancelling', { run: id });
    await this.#parts.queue.cancel(id);
    for await (const item of this.watch(id, signal)) if ('outcome' in item) return item;
    throw signal.reason;
  }

  /** Records how a run ended whose steps failed, and lets the model go. */
  async settle({ id, model }: Pick<RunOrder, 'id' | 'model'>): Promise<void> {
    const { models, queue, redis, clock } = this.#parts;
    await models.sync();
    if (models.catalogue.run(id) === null) {
      const reading = await queue.read(id);
      const failed = reading?.steps.find(({ state }) => state === 'failed');
      if (reading === null || failed === undefined) return;
      const outcome = (await redis.isCancelled(id)) ? 'cancelled' : 'failed';
      const reason = outcome === 'cancelled' ? `cancelled at the step ${failed.step}` : `${failed.step}: ${failed.detail}`;
      const end = endOf(reading.order, reading.progress, { outcome, reason, finishedAtMs: clock.nowMs() });
      await models.write((catalogue) => (catalogue.run(id) === null ? [runRecord(end)] : []));
    }
    const ended = models.catalogue.run(id);
    if (!(await redis.release(model, id)) || ended === null) return;
    const { outcome, reason, version } = ended;
    this.#parts.log('retrain.ended', { run: id, model, outcome, reason, version: version ?? 0 });
    this.#parts.ended(ended);
  }

  /** Finds runs that ended while nobody looked, and models whose run is gone with its jobs. */
  async reconcile(): Promise<void> {
    const { redis, queue, models, clock } = this.#parts;
    for (const [model, id] of await redis.running()) {
      const reading = await queue.read(id);
      const isOver = models.catalogue.run(id) !== null || reading?.steps.some(({ state }) => state === 'failed') === true;
      if (isOver) await this.settle({ id, model });
      if (isOver || reading !== null) {
        this.#orphans.delete(id);
        continue;
      }
      const sinceMs = this.#orphans.get(id) ?? clock.nowMs();
      this.#orphans.set(id, sinceMs);
      if (clock.nowMs() - sinceMs < orphanMs) continue;
      this.#parts.log('retrain.lost', { run: id, model });
      await redis.release(model, id);
    }
  }

  /** Calls `reconcile` every so often, through outages, until the signal aborts. */
  async keepReconciling(everyMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.reconcile();
      } catch (thrown) {
        if (!(thrown instanceof Problem) && !signal.aborted)
          this.#parts.log('retrain.reconciling-failed', { message: messageOf(thrown) });
      }
      await this.#parts.clock.sleep(everyMs, signal);
    }
  }

  async #orderOf({ plan, pipelineVersion }: TrainingPlan, trigger: Trigger, id: string): Promise<RunOrder> {
    const { kafka, models, clock } = this.#parts;
    const { model, alias, pipeline, inputs, target, withinMs, trainer, gate } = plan;
    const topicOf = ({ topic, partitions }: { topic: string; partitions: number }) => ({ topic, partitions });
    const dataset = { features: topicOf(plan.features), labels: topicOf(plan.labels), inputs, target, withinMs };
    const champion = models.catalogue.resolve(model, alias);
    const alarm = champion === null ? null : standingAlarm(models, champion);
    return {
      id,
      model,
      alias,
      pipeline,
      pipelineVersion,
      trigger,
      requestedAtMs: clock.nowMs(),
      sinceMs: alarm === null ? null : Date.parse(`${alarm.sinceDay}T00:00:00Z`),
      dataset,
      ranges: await rangesOf(kafka, [dataset.features, dataset.labels]),
      trainer,
      gate,
    };
  }
}

/** A run that was judged to its end has done its last step, whatever its job still says. */
function wordOf(readings: readonly StepReading[], ended: TrainingRun | null): readonly StepReading[] {
  if (ended?.outcome !== 'promoted' && ended?.outcome !== 'refused') return readings;
  return readings.map((reading) => ({ ...reading, state: 'done', detail: '' }));
}

/** The steps that are not as they were told last. */
function* news(readings: readonly StepReading[], told: Map<string, string>): Generator<StepReading> {
  for (const reading of readings) {
    const now = `${reading.state} ${reading.detail}`;
    if (told.get(reading.step) !== now) yield reading;
    told.set(reading.step, now);
  }
}

function stopper(stop: () => void): Disposable {
  return { [Symbol.dispose]: stop };
}
