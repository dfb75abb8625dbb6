import type { StagePlan } from '@penstock/document';
import { Problem } from '@penstock/kernel';
import { Backoff, createStage, type PumpLimits, pumpLimits, runPump } from '@penstock/pipeline';
import { type EndParts, openEnds } from './open-ends.ts';
import { type CompileContext, compileStage } from './stage-parts.ts';
import { StageStatus } from './stage-status.ts';

export interface RunningStageParts extends EndParts, CompileContext {
  readonly random: () => number;
  readonly limits?: Partial<PumpLimits>;
  /** A defect: the process must not go on. */
  fail(thrown: unknown): void;
}

/** One stage of one document for as long as the document says so. */
export class RunningStage {
  readonly plan: StagePlan;
  readonly version: string;
  readonly status: StageStatus;
  readonly #parts: RunningStageParts;
  readonly #drain = new AbortController();
  readonly #over: Promise<void>;

  constructor(parts: RunningStageParts) {
    this.#parts = parts;
    this.plan = parts.plan;
    this.version = parts.pipelineVersion;
    this.status = new StageStatus(parts.plan.name, parts.clock);
    this.#over = this.#run();
  }

  /** Stops intake and resolves when all that was taken in is settled and the ends are closed. */
  async stop(): Promise<void> {
    this.#drain.abort();
    await this.#over;
  }

  async #run(): Promise<void> {
    const { at, plan, fail } = this.#parts;
    try {
      await this.#persist();
    } catch (thrown) {
      if (!(thrown instanceof Problem)) fail(thrown);
      this.status.failed(thrown);
      at.log('stage.stopped', {
        stage: plan.name,
        code: thrown instanceof Problem ? thrown.code : 'defect',
        message: String(thrown),
      });
    } finally {
      this.status.stopped();
    }
  }

  /** Opens the ends and pumps. Ends that cannot be opened yet are waited for; the pump waits out its own troubles. */
  async #persist(): Promise<void> {
    const { clock, random } = this.#parts;
    const backoff = new Backoff(this.#limits().backoff, random);
    while (!this.#drain.signal.aborted) {
      try {
        return await this.#pump();
      } catch (thrown) {
        if (!(thrown instanceof Problem) || thrown.remedy !== 'retry') throw thrown;
        this.status.events.waiting?.('*', thrown, 0);
        await clock.sleep(backoff.afterFailure(clock.nowMs()), this.#drain.signal);
      }
    }
  }

  async #pump(): Promise<void> {
    const { clock, random, plan } = this.#parts;
    await using ends = await openEnds(this.#parts);
    const parts = compileStage(plan, { source: ends.source, encoder: ends.sink.encoder }, this.#parts);
    await runPump(
      {
        source: ends.source.source,
        sink: ends.sink.sink,
        dead: ends.dead,
        stage: createStage(parts),
        origin: parts.origin,
        clock,
        random,
        limits: this.#limits(),
        ledger: this.status.ledger,
        events: this.status.events,
      },
      this.#drain.signal,
    );
  }

  #limits(): PumpLimits {
    return { ...pumpLimits, ...this.#parts.limits };
  }
}
