import type { PipelinePlan, StagePlan } from '@penstock/document';
import type { Kafka } from '@penstock/kafka';
import type { Clock } from '@penstock/kernel';
import type { RuleExecutor } from '@penstock/schema';
import { IngestStage } from './ingest-stage.ts';
import { noSuchStage } from './problems.ts';

export interface IngestStagesParts {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly executors?: readonly RuleExecutor[];
  /** As they are applied now. */
  pipelines(): ReadonlyMap<string, PipelinePlan>;
}

/** The places to publish to, each compiled once for as long as its document says the same. */
export class IngestStages implements AsyncDisposable {
  readonly #parts: IngestStagesParts;
  readonly #open = new Map<string, IngestStage>();

  constructor(parts: IngestStagesParts) {
    this.#parts = parts;
  }

  /** Throws `ingest.no-such-stage` with the names that there are. */
  at(pipeline: string, name: string): IngestStage {
    const { plan, version } = this.#find(pipeline, name);
    const id = `${pipeline}/${name}`;
    const open = this.#open.get(id);
    if (open !== undefined && open.plan.fingerprint === plan.fingerprint) return open;
    const { kafka, clock, executors = [] } = this.#parts;
    const { to } = plan;
    if (to.kind !== 'kafka') throw noSuchStage(`stage ${id} writes to ${to.kind}, not to Kafka`);
    // What was handed to the old one comes first, also in Kafka.
    const after = open === undefined ? Promise.resolve() : open.settled().then(() => open[Symbol.asyncDispose]());
    const stage = new IngestStage({ plan, pipelineVersion: version, to, kafka, clock, executors, after });
    this.#open.set(id, stage);
    return stage;
  }

  #find(pipeline: string, name: string): { readonly plan: StagePlan; readonly version: string } {
    const plans = this.#parts.pipelines();
    const applied = plans.get(pipeline);
    if (applied === undefined) throw noSuchStage(`no pipeline ${pipeline} is applied; there ${listed([...plans.keys()])}`);
    const stages = applied.stages.filter(({ from }) => from.kind === 'mqtt');
    const plan = stages.find((stage) => stage.name === name);
    if (plan !== undefined) return { plan, version: applied.version };
    throw noSuchStage(
      `pipeline ${pipeline} has no stage ${name} to publish to; there ${listed(stages.map((stage) => stage.name))}`,
    );
  }

  /** Gives up what is still under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open.values()].map((stage) => stage[Symbol.asyncDispose]()));
  }
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'is none' : `${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`;
}
