import type { EventEmitter } from 'node:events';
import { type Bell, messageOf, Problem, systemClock } from '@penstock/kernel';
import { DelayedError, FlowProducer, type Job, Queue, QueueEvents, UnrecoverableError, Worker } from 'bullmq';
import { cancelled } from '../problems.ts';
import type { RedisDoor } from './redis-door.ts';
import { flowOf, isStep, kept, queueNames, queueOf } from './run-flow.ts';
import { jobIdOf, type Progress, type RunOrder, runIdOf, type StepName, steps } from './run-order.ts';

export interface RunQueueOptions {
  readonly redis: RedisDoor;
  readonly prefix: string;
  /** Trainings at a time. */
  readonly trainingsMax: number;
  /** How long a step belongs to a process that does not say that it is alive. */
  readonly lockMs: number;
  perform(step: StepName, order: RunOrder, work: StepWork): Promise<object>;
  /** A step of the run has failed for good. May be called more than once for a run. */
  failed(order: RunOrder): void;
  /** The time of a schedule has come. */
  due(schedule: Schedule, atMs: number): Promise<void>;
  outage(message: string): void;
  defect(step: string, thrown: unknown): void;
}

export interface StepWork {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  tell(what: string): void;
}

export interface Schedule {
  readonly pipeline: string;
  readonly model: string;
  readonly cron: string;
}

export interface StepReading {
  readonly step: StepName;
  readonly state: 'waiting' | 'active' | 'done' | 'failed';
  readonly detail: string;
}

/** A run as its jobs show it. */
export interface RunReading {
  readonly order: RunOrder;
  readonly steps: readonly StepReading[];
  readonly progress: Progress;
}

/** A step that has lost its process so often has most likely ended it. */
const maxStalledCount = 3;
const stepsAtATime = 8;
const retryMsMax = 10_000;
const drainedReason = 'drained';
const goodbyeMsMax = 2_000;

/** The runs as BullMQ flows: a job for each step, each waiting for the one before. Survives the end of any process. */
export class RunQueue implements AsyncDisposable {
  readonly #options: RunQueueOptions;
  readonly #flows: FlowProducer;
  readonly #queues: Readonly<Record<keyof typeof queueNames, Queue>>;
  readonly #workers: readonly Worker[];
  readonly #events: readonly QueueEvents[];
  readonly #bells = new Map<string, Set<Bell>>();
  #isDraining = false;

  constructor(options: RunQueueOptions) {
    this.#options = options;
    const { prefix, trainingsMax, lockMs } = options;
    const base = { connection: options.redis.connection, prefix };
    this.#flows = new FlowProducer(base);
    this.#queues = { steps: new Queue(queueNames.steps, base), training: new Queue(queueNames.training, base) };
    // With three parameters BullMQ hands over a signal.
    const process = (job: Job, token: string | undefined, signal: AbortSignal | undefined) => this.#process(job, token, signal);
    const settings = {
      backoffStrategy: (attempts: number) => Math.min(retryMsMax, 250 * 2 ** attempts) * (0.5 + Math.random() / 2),
    };
    const limits = { ...base, settings, maxStalledCount, lockDuration: lockMs, stalledInterval: lockMs / 2 };
    this.#workers = [
      new Worker(queueNames.steps, process, { ...limits, concurrency: stepsAtATime }),
      new Worker(queueNames.training, process, { ...limits, concurrency: trainingsMax }),
    ];
    this.#events = Object.values(queueNames).map((name) => new QueueEvents(name, base));
    const parts: EventEmitter[] = [this.#flows, ...Object.values(this.#queues), ...this.#workers, ...this.#events];
    for (const part of parts) part.on('error', (thrown) => options.outage(messageOf(thrown)));
    for (const worker of this.#workers) worker.on('failed', (job) => void this.#afterFailure(job));
    for (const events of this.#events) this.#listen(events);
  }

  /** Resolves when this process hears of cancellations. */
  async open(): Promise<void> {
    await this.#options.redis.onCancel((runId) => this.#stop(runId, 'cancelled'));
  }

  async add(order: RunOrder): Promise<void> {
    await this.#flows.add(flowOf(order, this.#options.prefix));
  }

  /** Null: there are no jobs of this run. */
  async read(runId: string): Promise<RunReading | null> {
    const jobs = await Promise.all(steps.map((step) => this.#queues[queueOf(step)].getJob(jobIdOf(step, runId))));
    const known = jobs.find((job) => job !== undefined);
    if (known === undefined) return null;
    const readings = await Promise.all(steps.map((step, index) => readStep(step, jobs[index])));
    const done = jobs.findLast((job) => job?.finishedOn !== undefined && job.failedReason === undefined);
    return { order: known.data as RunOrder, steps: readings, progress: (done?.returnvalue ?? {}) as Progress };
  }

  /** Ends whatever step of the run is under way, and lets those that wait for another try see it at once. */
  async cancel(runId: string): Promise<void> {
    await this.#options.redis.cancel(runId);
    for (const step of steps) {
      const job = await this.#queues[queueOf(step)].getJob(jobIdOf(step, runId));
      if ((await job?.isDelayed()) === true) await job?.promote().catch(() => undefined); // its time may have come meanwhile
    }
  }

  /** Rings whenever a step of the run goes on. */
  watch(runId: string, bell: Bell): Disposable {
    const bells = this.#bells.get(runId) ?? new Set();
    this.#bells.set(runId, bells.add(bell));
    return {
      [Symbol.dispose]: () => {
        bells.delete(bell);
        if (bells.size === 0) this.#bells.delete(runId);
      },
    };
  }

  async schedule(name: string, { cron, ...data }: Schedule): Promise<void> {
    await this.#queues.steps.upsertJobScheduler(
      name,
      { pattern: cron, tz: 'UTC' },
      { name: 'due', data: { cron, ...data }, opts: kept },
    );
  }

  async unschedule(name: string): Promise<void> {
    await this.#queues.steps.removeJobScheduler(name);
  }

  async scheduled(): Promise<string[]> {
    return (await this.#queues.steps.getJobSchedulers()).map(({ key }) => key);
  }

  /** Lets short steps end, and hands a training back, to be done again by whoever comes next. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#workers[1]?.cancelAllJobs(drainedReason);
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }

  async #process(job: Job, token: string | undefined, signal = new AbortController().signal): Promise<unknown> {
    try {
      if (job.name === 'due') return await this.#options.due(job.data as Schedule, Number(job.opts.prevMillis ?? job.timestamp));
      return await this.#perform(job, signal);
    } catch (thrown) {
      if (this.#isDraining && signal.aborted) {
        await job.moveToDelayed(Date.now(), token);
        throw new DelayedError();
      }
      if (thrown instanceof Problem && thrown.remedy === 'retry') throw thrown; // BullMQ waits and tries again
      if (!(thrown instanceof Problem) && !signal.aborted) this.#options.defect(job.name, thrown);
      throw new UnrecoverableError(messageOf(thrown));
    }
  }

  async #perform(job: Job, signal: AbortSignal): Promise<unknown> {
    const order = job.data as RunOrder;
    if (await this.#options.redis.isCancelled(order.id)) throw cancelled(`run ${order.id} was cancelled`);
    const [before = {}] = Object.values(await job.getChildrenValues<Progress>());
    const tell = (what: string): void => void job.updateProgress({ what }).catch(() => undefined); // a word on the way, no more
    if (!isStep(job.name)) throw new TypeError(`job ${job.id}: ${job.name} is no step of a run`);
    return { ...before, ...(await this.#options.perform(job.name, order, { progress: before, signal, tell })) };
  }

  /** BullMQ's cancelling reaches jobs of this process only; the message went to all. */
  #stop(runId: string, reason: string): void {
    for (const worker of this.#workers) for (const step of steps) worker.cancelJob(jobIdOf(step, runId), reason);
  }

  async #afterFailure(job: Job | undefined): Promise<void> {
    if (job === undefined || !isStep(job.name)) return;
    if (job.finishedOn !== undefined) this.#options.failed(job.data as RunOrder);
  }

  #listen(events: QueueEvents): void {
    const ring = ({ jobId }: { jobId: string }): void => {
      for (const bell of this.#bells.get(runIdOf(jobId)) ?? []) bell.ring();
    };
    for (const event of ['active', 'progress', 'completed', 'failed', 'delayed'] as const) events.on(event, ring);
  }

  /** BullMQ says goodbye to Redis; a Redis that is away is not waited for. */
  async [Symbol.asyncDispose](): Promise<void> {
    const goodbye = Promise.all([
      ...this.#workers.map((worker) => worker.close(true)),
      ...[...this.#events, ...Object.values(this.#queues), this.#flows].map((part) => part.close()),
    ]);
    const patience = new AbortController();
    await Promise.race([goodbye.catch(() => undefined), systemClock.sleep(goodbyeMsMax, patience.signal)]);
    patience.abort();
  }
}

async function readStep(step: StepName, job: Job | undefined): Promise<StepReading> {
  if (job === undefined) return { step, state: 'waiting', detail: '' };
  const state = await job.getState();
  if (state === 'completed') return { step, state: 'done', detail: '' };
  if (state === 'failed') return { step, state: 'failed', detail: job.failedReason ?? '' };
  const { what = '' } = (typeof job.progress === 'object' ? job.progress : {}) as { what?: string };
  if (state === 'active') return { step, state: 'active', detail: what };
  return { step, state: 'waiting', detail: job.failedReason ?? '' };
}
