import { join } from 'node:path';
import type { OpenCatalogue } from '@penstock/catalogue';
import type { PipelinePlan } from '@penstock/document';
import type { Kafka } from '@penstock/kafka';
import type { Clock, Facts } from '@penstock/kernel';
import { type ModelPool, openModelPool } from '@penstock/models';
import type { KeyedRowParts } from './data/keyed-rows.ts';
import { noSuchModel } from './problems.ts';
import type { RetrainMetrics } from './retrain-metrics.ts';
import { evaluateModel } from './runs/evaluate.ts';
import { promoteModel } from './runs/promote.ts';
import { RedisDoor } from './runs/redis-door.ts';
import { registerModel } from './runs/register.ts';
import type { RunOrder, StepName } from './runs/run-order.ts';
import { RunQueue, type StepWork } from './runs/run-queue.ts';
import { Runs, type TrainingPlan } from './runs/runs.ts';
import { takeSnapshot } from './runs/snapshot.ts';
import type { StepContext } from './runs/step-context.ts';
import { trainModel } from './runs/train.ts';
import { ModelWatch } from './watch/model-watch.ts';
import { Schedules } from './watch/schedules.ts';

export interface RetrainerOptions extends KeyedRowParts {
  readonly kafka: Kafka;
  readonly models: OpenCatalogue;
  readonly redis: { readonly url: string; readonly prefix: string };
  readonly folder: string;
  readonly trainingsMax: number;
  readonly lockMs: number;
  readonly recordsMax: number;
  readonly pollMs: number;
  readonly clock: Clock;
  readonly metrics: Pick<RetrainMetrics, 'ended' | 'judged'>;
  log(event: string, facts: Facts): void;
}

interface Watched {
  training: TrainingPlan;
  readonly watch: ModelWatch;
}

const reconcileMs = 5_000;

/** Trains what applied documents ask for, and watches what it has trained. */
export class Retrainer implements AsyncDisposable {
  readonly runs: Runs;
  readonly #options: RetrainerOptions;
  readonly #redis: RedisDoor;
  readonly #queue: RunQueue;
  readonly #pool: ModelPool;
  readonly #schedules: Schedules;
  readonly #watches = new Map<string, Watched>();
  readonly #ending = new AbortController();
  #reconciling: Promise<void> = Promise.resolve();

  private constructor(options: RetrainerOptions) {
    this.#options = options;
    const { kafka, models, clock, log, redis, trainingsMax, lockMs, metrics } = options;
    const outage = sometimes((message) => log('retrain.redis-outage', { message }), clock);
    this.#pool = openModelPool({ workers: 1, clock });
    this.#redis = new RedisDoor({ ...redis, outage });
    this.#queue = new RunQueue({
      redis: this.#redis,
      prefix: redis.prefix,
      trainingsMax,
      lockMs,
      perform: (step, order, work) => this.#perform(step, order, work),
      failed: (order) => void this.runs.settle(order).catch(() => undefined), // found again by reconciling
      due: (schedule, atMs) => this.#schedules.due(schedule, atMs),
      outage,
      defect: (step, thrown) =>
        log('retrain.defect', { step, message: thrown instanceof Error ? (thrown.stack ?? '') : String(thrown) }),
    });
    this.runs = new Runs({ kafka, models, clock, log, redis: this.#redis, queue: this.#queue, ended: metrics.ended });
    this.#schedules = new Schedules({ queue: this.#queue, runs: this.runs, trainingOf: (model) => this.#find(model), log });
  }

  static async open(options: RetrainerOptions): Promise<Retrainer> {
    const retrainer = new Retrainer(options);
    void retrainer.#queue.open().catch(() => undefined); // the connection was closed before it was there
    retrainer.#reconciling = retrainer.runs.keepReconciling(reconcileMs, retrainer.#ending.signal);
    return retrainer;
  }

  /** Follows a document: from now on its model is trained and watched by it; null: the document was taken away. */
  async apply(pipeline: string, plan: PipelinePlan | null): Promise<void> {
    const known = this.#watches.get(pipeline);
    const training = plan?.retrain ? { plan: plan.retrain, pipelineVersion: plan.version } : null;
    if (known !== undefined && known.training.plan.fingerprint === training?.plan.fingerprint) {
      known.training = training;
      return;
    }
    this.#watches.delete(pipeline);
    await known?.watch[Symbol.asyncDispose]();
    if (training !== null) this.#watches.set(pipeline, this.#watch(training));
    await this.#schedules.follow([...this.#watches.values()].map(({ training }) => training.plan));
  }

  /** How a model is trained. Throws `retrain.no-such-model`. */
  trainingOf(model: string): TrainingPlan {
    const found = this.#find(model);
    if (found !== null) return found;
    const known = [...this.#watches.values()].map(({ training }) => training.plan.model);
    throw noSuchModel(`no applied document trains ${model}; there are ${known.join(', ') || 'none'}`, { facts: { model } });
  }

  /** Lets short steps end and hands trainings back. */
  async drain(): Promise<void> {
    this.#ending.abort();
    await Promise.all([...this.#watches.values()].map(({ watch }) => watch[Symbol.asyncDispose]()));
    await this.#queue.drain();
  }

  #watch(first: TrainingPlan): Watched {
    const { metrics, ...parts } = this.#options;
    const watched: Watched = {
      training: first,
      watch: new ModelWatch(() => watched.training, { ...parts, judged: metrics.judged, pool: this.#pool, runs: this.runs }),
    };
    return watched;
  }

  #find(model: string): TrainingPlan | null {
    return [...this.#watches.values()].find(({ training }) => training.plan.model === model)?.training ?? null;
  }

  async #perform(step: StepName, order: RunOrder, { progress, signal, tell }: StepWork): Promise<object> {
    const { folder, ...parts } = this.#options;
    const folders = {
      datasets: join(folder, 'datasets'),
      models: join(folder, 'models'),
      references: join(folder, 'references'),
    };
    const context: StepContext = { ...parts, folders, pool: this.#pool, signal, tell };
    if (step === 'snapshot') return takeSnapshot(order, context);
    if (step === 'train') return trainModel(order, progress, context);
    if (step === 'evaluate') return evaluateModel(order, progress, context);
    if (step === 'register') return registerModel(order, progress, context);
    const ended = await promoteModel(order, progress, context);
    await this.runs.settle(order);
    return { outcome: ended.outcome };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await Promise.all([...this.#watches.values()].map(({ watch }) => watch[Symbol.asyncDispose]()));
    await this.#queue[Symbol.asyncDispose]();
    await this.#reconciling;
    await this.#redis[Symbol.asyncDispose]();
    await this.#pool[Symbol.asyncDispose]();
  }
}

const quietMs = 10_000;

/** Every part of a client tells of the same outage: once in a while is enough. */
function sometimes(tell: (message: string) => void, clock: Clock): (message: string) => void {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  return (message) => {
    if (clock.nowMs() - toldAtMs < quietMs) return;
    toldAtMs = clock.nowMs();
    tell(message);
  };
}
