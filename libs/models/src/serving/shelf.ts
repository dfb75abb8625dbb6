import type { ModelVersion } from '@penstock/catalogue';
import { Problem } from '@penstock/kernel';
import type { LoadedModel, ModelPool } from '../pool.ts';

/** A version that is ready to answer. */
export interface ReadyModel {
  readonly entry: ModelVersion;
  readonly model: LoadedModel;
}

export type ShelfState =
  | { readonly state: 'stored' | 'loading' | 'ready' }
  | { readonly state: 'refused'; readonly problem: Problem };

interface Place {
  readonly holders: Set<string>;
  readonly loading: Promise<ReadyModel>;
  ready: ReadyModel | null;
}

/**
 * The versions that somebody needs, loaded once for all who do. A version leaves when its last holder lets go of it and the last
 * request to it has its answer. What was refused once is not tried again: a version never changes.
 */
export class Shelf {
  readonly #pool: ModelPool;
  readonly #bytesOf: (entry: ModelVersion) => Uint8Array;
  readonly #places = new Map<string, Place>();
  readonly #refused = new Map<string, Problem>();

  constructor(pool: ModelPool, bytesOf: (entry: ModelVersion) => Uint8Array) {
    this.#pool = pool;
    this.#bytesOf = bytesOf;
  }

  /** Resolves when the version can answer; until the holder releases it, it can. */
  async hold(entry: ModelVersion, holder: string): Promise<ReadyModel> {
    const name = nameOf(entry);
    const refusal = this.#refused.get(name);
    if (refusal !== undefined) throw refusal;
    const place = this.#places.get(name) ?? this.#load(entry);
    place.holders.add(holder);
    return place.loading;
  }

  async release(entry: ModelVersion, holder: string): Promise<void> {
    const place = this.#places.get(nameOf(entry));
    if (place === undefined || !place.holders.delete(holder) || place.holders.size > 0) return;
    this.#places.delete(nameOf(entry));
    await place.ready?.model[Symbol.asyncDispose]();
  }

  isHeldBy(entry: ModelVersion, holder: string): boolean {
    return this.#places.get(nameOf(entry))?.holders.has(holder) === true;
  }

  ready(model: string, version: number): ReadyModel | null {
    return this.#places.get(nameOf({ model, version }))?.ready ?? null;
  }

  stateOf(entry: Pick<ModelVersion, 'model' | 'version'>): ShelfState {
    const problem = this.#refused.get(nameOf(entry));
    if (problem !== undefined) return { state: 'refused', problem };
    const place = this.#places.get(nameOf(entry));
    if (place === undefined) return { state: 'stored' };
    return { state: place.ready === null ? 'loading' : 'ready' };
  }

  #load(entry: ModelVersion): Place {
    const name = nameOf(entry);
    const place: Place = { holders: new Set(), loading: this.#open(entry), ready: null };
    this.#places.set(name, place);
    place.loading.then(
      (ready) => {
        place.ready = ready;
        // Everybody let go of it while it was loaded.
        if (place.holders.size === 0) void ready.model[Symbol.asyncDispose]();
      },
      (thrown: unknown) => {
        if (this.#places.get(name) === place) this.#places.delete(name);
        if (thrown instanceof Problem && thrown.remedy !== 'retry') this.#refused.set(name, thrown);
      },
    );
    return place;
  }

  async #open(entry: ModelVersion): Promise<ReadyModel> {
    return { entry, model: await this.#pool.load(this.#bytesOf(entry), { inputs: entry.inputs.length }) };
  }
}

function nameOf({ model, version }: Pick<ModelVersion, 'model' | 'version'>): string {
  return `${model}/${version}`;
}
