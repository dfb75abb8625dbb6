import type { PipelinePlan, StagePlan } from '@penstock/document';
import type { Kafka } from '@penstock/kafka';
import type { Clock } from '@penstock/kernel';
import type { RuleExecutor, SchemaRegistry } from '@penstock/schema';
import type { ServiceContext } from '@penstock/service';
import type { HostedStage, StageHost } from './hosted-stage.ts';
import { measureLag } from './lag.ts';
import { watchPipelines } from './pipeline-watch.ts';
import { healthNameOf, isProgressing } from './progress.ts';
import { RunningStage } from './running-stage.ts';
import type { EndMakers } from './stage-ends.ts';
import { createStageMetrics, type StageMetrics } from './stage-metrics.ts';
import type { FindPredictor } from './stage-parts.ts';
import { serveStages } from './stages-api.ts';

export interface StageHostOptions {
  /** Which stages are ours: a document's stage belongs to one service by its ends. */
  readonly service: StagePlan['service'];
  readonly context: ServiceContext<unknown>;
  readonly kafka: Kafka;
  readonly registry: SchemaRegistry;
  /** The topic that holds what is applied. */
  readonly pipelinesTopic: string;
  readonly ends?: EndMakers;
  readonly predictor?: FindPredictor;
  /** They run the rules of schemas beside those that are built in. */
  readonly executors?: readonly RuleExecutor[];
}

const measureMs = 1_000;

/** Resolves when every stage that is applied now has been started. */
export async function openStageHost(options: StageHostOptions): Promise<StageHost> {
  const host = new Host(options);
  await host.open();
  serveStages(options.context.server, host);
  return host;
}

const noPredictor: FindPredictor = (model) => {
  throw new TypeError(`model ${model}: this service scores nothing`);
};

class Host implements StageHost {
  readonly #options: StageHostOptions;
  readonly #running = new Map<string, RunningStage>();
  readonly #plans = new Map<string, PipelinePlan>();
  readonly #closing = new AbortController();
  readonly #metrics: StageMetrics;
  /** Changes of one stage happen one after the other. */
  readonly #changes = new Map<string, Promise<void>>();
  #watch: AsyncDisposable | null = null;
  #measuring: Promise<void> = Promise.resolve();

  constructor(options: StageHostOptions) {
    this.#options = options;
    this.#metrics = createStageMetrics(options.context.telemetry, () => this.stages());
  }

  async open(): Promise<void> {
    const { kafka, context, pipelinesTopic: topic } = this.#options;
    this.#watch = await watchPipelines(kafka, {
      topic,
      signal: this.#closing.signal,
      changed: (pipeline, plan) => this.#reconcile(pipeline, plan),
      unreadable: (pipeline, reason) => context.log('pipeline.unreadable', { pipeline, reason }),
    });
    this.#measuring = this.#measure();
  }

  get clock(): Clock {
    return this.#options.context.clock;
  }

  stages(): readonly HostedStage[] {
    return [...this.#running.values()].map(({ plan, version, status }) => ({ plan, version, reading: status.read() }));
  }

  pipelines(): ReadonlyMap<string, PipelinePlan> {
    return this.#plans;
  }

  /** Stops what is gone or different, starts what is new; whatever did not change keeps running. */
  #reconcile(pipeline: string, plan: PipelinePlan | null): void {
    if (plan === null) this.#plans.delete(pipeline);
    else this.#plans.set(pipeline, plan);
    const wanted = new Map(
      (plan?.stages ?? []).filter(({ service }) => service === this.#options.service).map((own) => [own.name, own]),
    );
    const known = [...this.#running.values()].filter((stage) => stage.plan.pipeline === pipeline).map((stage) => stage.plan.name);
    for (const name of new Set([...known, ...wanted.keys()])) this.#change(pipeline, name, wanted.get(name) ?? null);
  }

  #change(pipeline: string, name: string, plan: StagePlan | null): void {
    const id = `${pipeline}/${name}`;
    const version = this.#plans.get(pipeline)?.version ?? '';
    const earlier = this.#changes.get(id) ?? Promise.resolve();
    const change = earlier
      .then(() => this.#replace(id, plan, version))
      .catch((thrown: unknown) => this.#options.context.fail(thrown));
    this.#changes.set(id, change);
  }

  async #replace(id: string, plan: StagePlan | null, version: string): Promise<void> {
    const { context } = this.#options;
    const running = this.#running.get(id);
    if (running !== undefined && plan !== null && running.plan.fingerprint === plan.fingerprint) return;
    if (running !== undefined) {
      await running.stop();
      this.#running.delete(id);
      context.log('stage.ended', { stage: id });
      if (plan === null) context.health.forget(healthNameOf(running.plan));
    }
    if (plan === null || this.#closing.signal.aborted) return;
    this.#running.set(id, this.#start(plan, version));
    context.log('stage.started', { stage: id, version, fingerprint: plan.fingerprint });
  }

  #start(plan: StagePlan, pipelineVersion: string): RunningStage {
    const { context, kafka, registry, ends, predictor, executors = [] } = this.#options;
    const stage = new RunningStage({
      plan,
      kafka,
      pipelineVersion,
      ends: ends ?? {},
      at: { registry, executors, env: process.env, log: (event, facts) => context.log(event, facts) },
      clock: context.clock,
      random: context.random,
      telemetry: context.telemetry,
      predictor: predictor ?? noPredictor,
      fail: (thrown) => context.fail(thrown),
    });
    stage.status.onSettled = (settled) => this.#metrics.settled(plan, settled);
    return stage;
  }

  /** Looks once a second how far each stage is behind, and says by its health whether it moves. */
  async #measure(): Promise<void> {
    const { context, kafka } = this.#options;
    while (!this.#closing.signal.aborted) {
      await Promise.all(
        [...this.#running.values()].map(async ({ plan, status }) => {
          await measureLag(kafka, plan, status);
          context.health.set(healthNameOf(plan), isProgressing(status.read(), context.clock.nowMs()));
        }),
      );
      await context.clock.sleep(measureMs, this.#closing.signal);
    }
  }

  async drain(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#changes.values());
    await Promise.all([...this.#running.values()].map((stage) => stage.stop()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
    await this.#measuring;
    await this.#watch?.[Symbol.asyncDispose]();
    this.#metrics[Symbol.dispose]();
  }
}
