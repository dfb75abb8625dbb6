import { stages as api } from '@penstock/contracts';
import { createGrpcClient } from '@penstock/service';
import type { StageView } from './view.ts';

/** Where each service that runs stages answers. */
export type StageServices = Readonly<Record<string, string>>;

export interface Sample {
  readonly views: readonly StageView[];
  /** Rows that any stage has rejected. */
  readonly refused: number;
  /** True when every service answered and none of its stages has anything before it. */
  readonly caughtUp: boolean;
  /** The same, but for stages that wait for a model. */
  readonly caughtUpButServing: boolean;
  /** By stage, the version of the document that it runs by. */
  readonly versions: ReadonlyMap<string, string>;
}

export const noSample: Sample = { views: [], refused: 0, caughtUp: false, caughtUpButServing: false, versions: new Map() };

const answerMs = 900;
const stateNames: Readonly<Record<number, StageView['state']>> = {
  [api.StageState.STARTING]: 'starting',
  [api.StageState.FLOWING]: 'flowing',
  [api.StageState.WAITING]: 'waiting',
  [api.StageState.STOPPED]: 'stopped',
};

/** Asks every service how its stages are; rates are by the difference to the sample before. */
export class StageSampler implements Disposable {
  readonly #clients: { readonly service: string; readonly client: ReturnType<typeof createClient> }[];
  readonly #before = new Map<string, { consumed: number; atMs: number; view: StageView }>();

  constructor(services: StageServices) {
    this.#clients = Object.entries(services).map(([service, address]) => ({ service, client: createClient(address) }));
  }

  async sample(): Promise<Sample> {
    const answers = await Promise.all(
      this.#clients.map(async ({ service, client }) => {
        const answer = await client.listStages({ pipeline: '' }, { deadlineMs: answerMs }).catch(() => null);
        return { service, stages: answer?.stages ?? null };
      }),
    );
    const known = answers.flatMap(({ service, stages }) => (stages ?? []).map((stage) => ({ service, stage })));
    const views = known.map(({ service, stage }) => this.#view(service, stage));
    const silent = answers.filter(({ stages }) => stages === null).map(({ service }) => service);
    return {
      views: [...views, ...this.#lastSeenOf(silent)],
      refused: known.reduce((sum, { stage }) => sum + sumOf(stage.rejected), 0),
      caughtUp: silent.length === 0 && known.length > 0 && known.every(({ stage }) => stage.caughtUp),
      caughtUpButServing:
        silent.length === 0 && known.length > 0 && known.every(({ stage }) => stage.caughtUp || waitsForModel(stage)),
      versions: new Map(known.map(({ stage }) => [stage.stage, stage.pipelineVersion])),
    };
  }

  #view(service: string, stage: api.StageStatus): StageView {
    const nowMs = performance.now();
    const id = `${stage.pipeline}/${stage.stage}`;
    const consumed = Number(stage.consumed);
    const before = this.#before.get(id);
    const seconds = before === undefined ? 0 : (nowMs - before.atMs) / 1_000;
    const rate = before === undefined || seconds <= 0 ? 0 : Math.max(0, consumed - before.consumed) / seconds;
    const view: StageView = {
      name: stage.stage,
      service,
      state: stateNames[stage.state] ?? 'unknown',
      ratePerSecond: rate,
      lag: sumOf(stage.lag),
      p50Ms: stage.latency?.p50Ms ?? null,
      p99Ms: stage.latency?.p99Ms ?? null,
      problem: stage.problem === undefined ? null : `${stage.problem.code}: ${stage.problem.message}`,
    };
    this.#before.set(id, { consumed, atMs: nowMs, view });
    return view;
  }

  /** Stages of a service that does not answer: as they were, and nobody knows how they are. */
  #lastSeenOf(services: readonly string[]): StageView[] {
    const seen = [...this.#before.values()].map(({ view }) => view).filter(({ service }) => services.includes(service));
    return seen.map((view) => ({ ...view, state: 'unknown', ratePerSecond: 0, problem: `${view.service} does not answer` }));
  }

  [Symbol.dispose](): void {
    for (const { client } of this.#clients) client[Symbol.dispose]();
  }
}

function waitsForModel({ problem }: api.StageStatus): boolean {
  return problem?.code === 'predict.no-model';
}

function createClient(address: string) {
  return createGrpcClient(api.StagesServiceClient, address, { retries: 0 });
}

function sumOf(counts: ReadonlyMap<string, bigint>): number {
  return [...counts.values()].reduce((sum, value) => sum + Number(value), 0);
}
