import { type Clock, systemClock } from '@penstock/kernel';
import { registryRefused } from '../problems.ts';
import { type Contract, contractOf } from '../rules/contract.ts';
import { parseSchema, type Schema } from '../schema.ts';
import type { SchemaFormat } from '../schema-source.ts';
import type { NamedSchema, SchemaDraft, SchemaReference, SchemaRegistry, SchemaVersion } from './registry.ts';
import { type Ask, createRestDoor, type RestDoorOptions } from './rest-door.ts';

export interface RestRegistryOptions extends RestDoorOptions {
  /** For how long the latest version of a subject is believed. Ids are for ever. */
  readonly latestForMs?: number;
  readonly schemasMax?: number;
  readonly clock?: Clock;
}

interface SchemaAnswer {
  readonly schema: string;
  readonly schemaType?: SchemaFormat;
  readonly references?: readonly SchemaReference[];
  readonly metadata?: Contract['metadata'];
  readonly ruleSet?: Contract['ruleSet'];
}

interface VersionAnswer extends SchemaAnswer {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
}

interface GuidAnswer {
  readonly id: number;
  readonly context: string;
}

const defaultContext = '.';
const referenceDepthMax = 32;

/** A client of any Confluent-compatible registry. */
export function createRestRegistry(options: RestRegistryOptions): SchemaRegistry {
  return new RestRegistry(options);
}

class RestRegistry implements SchemaRegistry {
  readonly #options: RestRegistryOptions;
  readonly #url: string;
  readonly #ask: Ask;
  readonly #clock: Clock;
  readonly #byId = new Map<number, Promise<Schema | null>>();
  readonly #byGuid = new Map<string, Promise<NamedSchema | null>>();
  readonly #versions = new Map<string, Promise<SchemaVersion | null>>();
  readonly #latest = new Map<string, { readonly untilMs: number; readonly answer: Promise<SchemaVersion | null> }>();

  constructor(options: RestRegistryOptions) {
    this.#options = options;
    const { url, ask } = createRestDoor(options);
    this.#url = url;
    this.#ask = ask;
    this.#clock = options.clock ?? systemClock;
  }

  schema(id: number): Promise<Schema | null> {
    return this.#byId.get(id) ?? this.#remember(this.#byId, id, this.#numbered(id));
  }

  byGuid(guid: string): Promise<NamedSchema | null> {
    return this.#byGuid.get(guid) ?? this.#remember(this.#byGuid, guid, this.#named(guid));
  }

  latest(subject: string): Promise<SchemaVersion | null> {
    const known = this.#latest.get(subject);
    if (known !== undefined && known.untilMs > this.#clock.nowMs()) return known.answer;
    const answer = this.#version(subject, 'latest');
    this.#latest.set(subject, { untilMs: this.#clock.nowMs() + (this.#options.latestForMs ?? 5_000), answer });
    answer.catch(() => this.#latest.delete(subject));
    this.#bound(this.#latest);
    return answer;
  }

  version(subject: string, version: number): Promise<SchemaVersion | null> {
    const key = `${version} ${subject}`;
    const answer = this.#versions.get(key) ?? this.#version(subject, `${version}?deleted=true`);
    this.#versions.set(key, answer);
    this.#bound(this.#versions);
    answer.then(
      (found) => found === null && this.#versions.delete(key),
      () => this.#versions.delete(key),
    );
    return answer;
  }

  async versionOf(subject: string, id: number): Promise<number | null> {
    const path = `/schemas/ids/${id}/versions?deleted=true&subject=${encodeURIComponent(subject)}`;
    const found = await this.#ask<readonly Pick<VersionAnswer, 'subject' | 'version'>[]>({ method: 'GET', path });
    const versions = (found ?? []).flatMap((each) => (each.subject === subject ? each.version : []));
    return versions.length === 0 ? null : Math.max(...versions);
  }

  async register(subject: string, { format, text, references }: SchemaDraft): Promise<number> {
    const body = { schema: text, schemaType: format, ...(references === undefined ? {} : { references }) };
    const answer = await this.#ask<{ id: number }>({
      method: 'POST',
      path: `/subjects/${encodeURIComponent(subject)}/versions`,
      body,
    });
    this.#latest.delete(subject);
    if (answer !== null) return answer.id;
    throw registryRefused(`registry › ${subject}: there is no such place to register at ${this.#url}`);
  }

  async #numbered(id: number): Promise<Schema | null> {
    const found = await this.#ask<SchemaAnswer>({ method: 'GET', path: `/schemas/ids/${id}` });
    return found === null ? null : this.#parse(found);
  }

  async #named(guid: string): Promise<NamedSchema | null> {
    const path = `/schemas/guids/${guid}`;
    const found = await this.#ask<SchemaAnswer>({ method: 'GET', path });
    if (found === null) return null;
    const ids = (await this.#ask<readonly GuidAnswer[]>({ method: 'GET', path: `${path}/ids` })) ?? [];
    const own = ids.find(({ context }) => context === defaultContext);
    return { id: own?.id ?? null, schema: await this.#parse(found) };
  }

  /** Only what is known stays: an unknown id may be registered later, and an outage passes. */
  #remember<Name, Found>(
    known: Map<Name, Promise<Found | null>>,
    name: Name,
    answer: Promise<Found | null>,
  ): Promise<Found | null> {
    known.set(name, answer);
    this.#bound(known);
    answer.then(
      (found) => found === null && known.delete(name),
      () => known.delete(name),
    );
    return answer;
  }

  #bound(cache: Map<unknown, unknown>): void {
    if (cache.size > (this.#options.schemasMax ?? 1_000)) cache.delete(cache.keys().next().value);
  }

  async #version(subject: string, version: string): Promise<SchemaVersion | null> {
    const answer = await this.#ask<VersionAnswer>({
      method: 'GET',
      path: `/subjects/${encodeURIComponent(subject)}/versions/${version}`,
    });
    if (answer === null) return null;
    return { subject: answer.subject, version: answer.version, id: answer.id, schema: await this.#parse(answer) };
  }

  async #parse({ schema, schemaType, references, metadata = null, ruleSet = null }: SchemaAnswer): Promise<Schema> {
    const imports = new Map<string, string>();
    await this.#collect(references ?? [], imports, 0);
    const contract = contractOf({ metadata, ruleSet });
    return parseSchema({ format: schemaType ?? 'AVRO', text: schema, imports, ...contract, isStored: true });
  }

  /** Dependencies first: a schema may use what those before it declare. What is deleted softly is still read. */
  async #collect(references: readonly SchemaReference[], imports: Map<string, string>, depth: number): Promise<void> {
    if (depth > referenceDepthMax) throw registryRefused(`registry: references go deeper than ${referenceDepthMax}`);
    for (const { name, subject, version } of references) {
      if (imports.has(name)) continue;
      const found = await this.#ask<VersionAnswer>({
        method: 'GET',
        path: `/subjects/${encodeURIComponent(subject)}/versions/${version}?deleted=true`,
      });
      if (found === null)
        throw registryRefused(`registry: the reference ${name} leads to version ${version} of ${subject}, which is not there`);
      await this.#collect(found.references ?? [], imports, depth + 1);
      imports.set(name, found.schema);
    }
  }
}
