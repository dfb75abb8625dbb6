import { type AppliedPipeline, applyDocument } from '@penstock/document';
import { Problem } from '@penstock/kernel';
import { pipelineRecord } from '../log/records.ts';
import { appliedPipelines, modelInputs, registeredSchema } from '../pipelines/facts.ts';
import { type Consequence, consequencesOf } from '../pipelines/guard.ts';
import { describeBreaks } from '../schemas/describe.ts';
import { registerDerived, resolveSchemas } from './documents.ts';
import type { UpstreamVersion } from './upstream-registry.ts';
import { type FrontGateway, UpstreamState, usedSubjects } from './upstream-state.ts';

export interface FollowerOptions {
  readonly pollMs: number;
  readonly signal: AbortSignal;
  /** A defect: nothing is followed any more. */
  fail(thrown: unknown): void;
}

/** Lets deployed pipelines go on with versions that appear upstream, by whatever way they came there. */
export class Follower implements AsyncDisposable {
  readonly #front: FrontGateway;
  readonly #options: FollowerOptions;
  readonly #loop: Promise<void>;
  /** By pipeline and subject: what was decided last, so that it is not decided and told again. */
  readonly #decided = new Map<string, string>();
  #wake = new AbortController();

  constructor(front: FrontGateway, options: FollowerOptions) {
    this.#front = front;
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#wake.abort(), { once: true });
    this.#loop = this.#run().catch(options.fail);
  }

  /** Something was registered: look at once. */
  ring(): void {
    this.#wake.abort();
  }

  /** Answers the pipelines that were planned anew with the latest version of the subject. */
  async follow(subject: string): Promise<string[]> {
    const { gateway, registry } = this.#front;
    const latest = await registry.latest(subject);
    const behind = appliedPipelines(gateway.log.state).filter((applied) => latest !== null && this.#isBehind(applied, latest));
    if (latest === null || behind.length === 0) return [];
    const known = new UpstreamState(this.#front);
    await known.load(usedSubjects(this.#front, subject));
    const stored = known.state.registry.version(subject, latest.version);
    const proposed = stored === undefined ? null : registeredSchema(known.state, stored);
    if (proposed === null) return [];
    const all = consequencesOf(known.state, proposed, modelInputs(gateway.catalogue));
    const replanned: string[] = [];
    for (const consequence of all) {
      if (!behind.includes(consequence.applied)) continue;
      if (await this.#replan(consequence, latest)) replanned.push(consequence.applied.pipeline);
      this.#decided.set(`${consequence.applied.pipeline}/${subject}`, decisionOf(consequence.applied, latest));
    }
    return replanned;
  }

  #isBehind(applied: AppliedPipeline, latest: UpstreamVersion): boolean {
    const used = applied.schemas[latest.subject];
    if (used === undefined || used.version === latest.version) return false;
    return this.#decided.get(`${applied.pipeline}/${latest.subject}`) !== decisionOf(applied, latest);
  }

  /** False when nothing changes for its services. */
  async #replan({ applied, checked, breaks, follows }: Consequence, { subject, version }: UpstreamVersion): Promise<boolean> {
    const { gateway, registry } = this.#front;
    const { pipeline } = applied;
    if (breaks.length > 0) {
      gateway.tell('pipeline.broken-upstream', { pipeline, subject, version, breaks: describeBreaks(breaks) });
      return false;
    }
    if (!follows) return false;
    const { schemas } = await resolveSchemas(checked, (schema) => registerDerived(registry, schema));
    const after = applyDocument(applied.document, schemas, gateway.clock.nowMs());
    const isWritten = await gateway.log.change((ahead) => {
      // Another gateway, or a person, was faster.
      const isSame = ahead.pipelines.get(pipeline)?.version === applied.version && after.version !== applied.version;
      return { records: isSame ? [pipelineRecord(pipeline, after)] : [], answer: isSame };
    }, this.#options.signal);
    if (isWritten) gateway.tell('pipeline.followed', { pipeline, subject, version });
    return isWritten;
  }

  async #run(): Promise<void> {
    const { signal, pollMs } = this.#options;
    while (!signal.aborted) {
      await this.#front.gateway.clock.sleep(pollMs, this.#wake.signal);
      this.#wake = new AbortController();
      if (!signal.aborted && !this.#front.upstream.isAway) await this.#lookAtAll();
    }
  }

  async #lookAtAll(): Promise<void> {
    for (const subject of usedSubjects(this.#front)) {
      try {
        await this.follow(subject);
      } catch (thrown) {
        if (!(thrown instanceof Problem)) throw thrown;
        if (this.#options.signal.aborted || this.#front.upstream.isAway) return;
        const { code, message } = thrown;
        this.#front.gateway.tell('gateway.cannot-follow', { subject, code, message });
      }
    }
  }

  /** After the signal aborted. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loop;
  }
}

function decisionOf(applied: AppliedPipeline, { version, id }: UpstreamVersion): string {
  return `${applied.version} ${version} ${id}`;
}
