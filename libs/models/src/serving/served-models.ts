import type { Catalogue, ModelVersion, OpenCatalogue } from '@penstock/catalogue';
import type { Clock, Random } from '@penstock/kernel';
import type { ModelPool } from '../pool.ts';
import { inUse, notLoaded, notServing, unknownModel } from '../problems.ts';
import { type AliasEvents, ServedAlias } from './served-alias.ts';
import { type ReadyModel, Shelf, type ShelfState } from './shelf.ts';

export interface ServedModelsParts {
  readonly catalogue: OpenCatalogue;
  readonly pool: ModelPool;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: AliasEvents;
}

/** The alias that answers when a caller names none. */
export const defaultAlias = 'production';
const pin = 'loaded on request';

/** All models of the catalogue as this service serves them: every alias, and what was loaded on request. */
export class ServedModels implements AsyncDisposable {
  readonly #parts: ServedModelsParts;
  readonly #shelf: Shelf;
  readonly #aliases = new Map<string, ServedAlias>();
  readonly #listeners = new Set<() => void>();
  readonly #closing = new AbortController();
  readonly #stopListening: () => void;
  #uses = 0;

  constructor(parts: ServedModelsParts) {
    this.#parts = parts;
    this.#shelf = new Shelf(parts.pool, (entry) => this.catalogue.bytes(entry));
    this.#stopListening = parts.catalogue.onChange((key) => {
      if (/^(alias|version)\//.test(key)) void this.#followAll();
      this.#tell();
    });
  }

  get catalogue(): Catalogue {
    return this.#parts.catalogue.catalogue;
  }

  /** Resolves when every alias of the catalogue serves, or cannot. */
  async open(): Promise<void> {
    await this.#followAll();
  }

  alias(model: string, alias: string): ServedAlias | null {
    return this.#aliases.get(`${model}/${alias}`) ?? null;
  }

  /** Resolves when the alias serves what it points at now, or cannot. */
  async follow(model: string, alias: string): Promise<void> {
    await this.#aliasOf(model, alias).follow();
    this.#tell();
  }

  aliases(): readonly ServedAlias[] {
    return [...this.#aliases.values()];
  }

  /** What answers for a version as callers write it: a number, an alias, or nothing for the default alias. Throws when nothing does. */
  find(model: string, version: string): ReadyModel {
    if (this.catalogue.versions(model).length === 0) throw unknownModel(`there is no model ${model}`, { facts: { model } });
    if (/^\d+$/.test(version)) return this.#findVersion(this.catalogue.version(model, Number(version)));
    const name = version === '' ? defaultAlias : version;
    const alias = this.alias(model, name);
    if (alias === null)
      throw unknownModel(`model ${model} has no alias ${name}: name a version`, { facts: { model, alias: name } });
    if (alias.serving !== null) return alias.serving;
    throw notServing(`model ${model}: nothing serves as ${name}: ${alias.problem?.message ?? 'it is being loaded'}`, {
      facts: { model, alias: name },
    });
  }

  #findVersion({ model, version }: ModelVersion): ReadyModel {
    const ready = this.#shelf.ready(model, version);
    if (ready !== null) return ready;
    throw notLoaded(`model ${model} version ${version} is not loaded: no alias serves it; load it first`, {
      facts: { model, version },
    });
  }

  stateOf(entry: Pick<ModelVersion, 'model' | 'version'>): ShelfState {
    return this.#shelf.stateOf(entry);
  }

  /** Holds a version while `use` runs: loaded, checked, and for the time being not to be unloaded. */
  async whileHeld<Result>(entry: ModelVersion, use: () => Promise<Result>): Promise<Result> {
    this.#uses += 1;
    const holder = `use ${this.#uses}`;
    try {
      await this.#shelf.hold(entry, holder);
      return await use();
    } finally {
      await this.#shelf.release(entry, holder);
    }
  }

  /** Loads a version that no alias needs. */
  async pin(entry: ModelVersion): Promise<void> {
    await this.#shelf.hold(entry, pin);
    this.#tell();
  }

  async unpin(entry: ModelVersion): Promise<void> {
    const serves = this.aliases().find(({ model, serving }) => model === entry.model && serving?.entry.version === entry.version);
    if (serves !== undefined) throw inUse(`${serves.alias} of ${entry.model} serves version ${entry.version}: move it first`);
    if (!this.#shelf.isHeldBy(entry, pin))
      throw notLoaded(`model ${entry.model} version ${entry.version} was not loaded on request`);
    await this.#shelf.release(entry, pin);
    this.#tell();
  }

  /** Calls the listener whenever something about any model may have changed; answers how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopListening();
    this.#closing.abort();
    await Promise.all(this.aliases().map((alias) => alias.settled()));
  }

  async #followAll(): Promise<void> {
    for (const model of this.catalogue.models()) {
      for (const { alias } of this.catalogue.aliases(model)) this.#aliasOf(model, alias);
    }
    await Promise.all(this.aliases().map((alias) => alias.follow().then(() => this.#tell())));
  }

  #aliasOf(model: string, alias: string): ServedAlias {
    const known = this.alias(model, alias);
    if (known !== null) return known;
    const { clock, random, events } = this.#parts;
    const wanted = (): ModelVersion | null => this.catalogue.resolve(model, alias);
    const served = new ServedAlias({
      model,
      alias,
      wanted,
      shelf: this.#shelf,
      clock,
      random,
      events,
      signal: this.#closing.signal,
    });
    this.#aliases.set(`${model}/${alias}`, served);
    return served;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
