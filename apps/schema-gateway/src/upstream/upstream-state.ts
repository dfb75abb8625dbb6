import { Problem } from '@penstock/kernel';
import type { VersionName } from '@penstock/registry';
import type { SchemaReference } from '@penstock/schema';
import type { Gateway } from '../gateway.ts';
import { State } from '../log/state.ts';
import { appliedPipelines } from '../pipelines/facts.ts';
import type { Upstream } from './upstream.ts';
import type { UpstreamRegistry, UpstreamVersion } from './upstream-registry.ts';

/** A gateway whose schemas lie upstream. Its own topics hold what is applied, and which subjects are not guarded. */
export interface FrontGateway {
  readonly gateway: Gateway;
  readonly upstream: Upstream;
  readonly registry: UpstreamRegistry;
}

const referenceDepthMax = 32;

/** What is known here, and above it what upstream says of some subjects: their latest versions, with all that these refer to. */
export class UpstreamState {
  readonly state: State;
  readonly #registry: UpstreamRegistry;
  readonly #loaded = new Set<string>();

  constructor({ gateway, registry }: Pick<FrontGateway, 'gateway' | 'registry'>) {
    this.state = new State(gateway.log.state);
    this.#registry = registry;
  }

  /** False when all of them were there. */
  async load(subjects: Iterable<string>): Promise<boolean> {
    const missing = [...new Set(subjects)].filter((subject) => !this.#loaded.has(subject));
    await Promise.all(missing.map((subject) => this.#loadOne(subject)));
    return missing.length > 0;
  }

  /** As `load`, of versions by their numbers. */
  async loadVersions(names: readonly VersionName[]): Promise<boolean> {
    const missing = names.filter(({ subject, version }) => !this.#loaded.has(`${subject}/${version}`));
    for (const { subject, version } of missing) {
      this.#loaded.add(`${subject}/${version}`);
      await this.loadReferences([{ name: subject, subject, version }]).catch(ignoreUnknown);
    }
    return missing.length > 0;
  }

  async loadReferences(references: readonly SchemaReference[], depth = 0): Promise<void> {
    if (depth > referenceDepthMax) return; // whoever parses it says so
    for (const { subject, version } of references) {
      if (this.state.registry.version(subject, version) !== undefined) continue;
      const found = await this.#registry.version(subject, version, true);
      await this.loadReferences(found.references ?? [], depth + 1);
      this.#put(found);
    }
  }

  async #loadOne(subject: string): Promise<void> {
    const latest = await this.#registry.latest(subject);
    this.#loaded.add(subject);
    if (latest === null) return;
    await this.loadReferences(latest.references ?? []);
    this.#put({ ...latest, subject });
  }

  #put(found: UpstreamVersion): void {
    this.state.registry.put({ ...found, deleted: false });
  }
}

function ignoreUnknown(thrown: unknown): void {
  if (!(thrown instanceof Problem) || thrown.kind.status !== 'NOT_FOUND') throw thrown;
}

/** True for a subject of a deployed pipeline. */
export function isUsed({ gateway }: Pick<FrontGateway, 'gateway'>, subject: string | null): subject is string {
  return subject !== null && appliedPipelines(gateway.log.state).some(({ schemas }) => schemas[subject] !== undefined);
}

/** The subjects of every deployed pipeline that names one of these; of all without them. */
export function usedSubjects({ gateway }: Pick<FrontGateway, 'gateway'>, subject?: string): string[] {
  const concerned = appliedPipelines(gateway.log.state).filter(
    ({ schemas }) => subject === undefined || schemas[subject] !== undefined,
  );
  return [...new Set(concerned.flatMap(({ schemas }) => Object.keys(schemas)))];
}
