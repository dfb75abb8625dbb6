import { authorizationOf, type Clock, type Login, messageOf, splitLogin, systemClock } from '@penstock/kernel';
import { registryRefused, registryUnreachable } from '../problems.ts';
import { type Contract, contractOf } from '../rules/contract.ts';
import { parseSchema, type Schema } from '../schema.ts';
import type { SchemaFormat } from '../schema-source.ts';
import type { SchemaDraft, SchemaReference, SchemaRegistry, SchemaVersion } from './registry.ts';
import { type Received, type RegistryTls, type Send, senderOf } from './send-request.ts';

export interface RestRegistryOptions {
  /** `http://host:port`, with a path if the registry stands below one, and with `user:password@` if that is how one logs in. */
  readonly url: string;
  readonly timeoutMs?: number;
  /** For how long the latest version of a subject is believed. Ids are for ever. */
  readonly latestForMs?: number;
  readonly schemasMax?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Files that it names are read for each request. */
  readonly login?: Login;
  /** Certificates for `https`; absent or null: what the system trusts, and nothing is shown. */
  readonly tls?: RegistryTls | null;
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

const contentType = 'application/vnd.schemaregistry.v1+json';
const referenceDepthMax = 32;

/** A client of any Confluent-compatible registry. */
export function createRestRegistry(options: RestRegistryOptions): SchemaRegistry {
  return new RestRegistry(options);
}

class RestRegistry implements SchemaRegistry {
  readonly #options: RestRegistryOptions;
  readonly #url: string;
  readonly #logins: readonly Login[];
  readonly #transport: Send;
  readonly #clock: Clock;
  readonly #byId = new Map<number, Promise<Schema | null>>();
  readonly #latest = new Map<string, { readonly untilMs: number; readonly answer: Promise<SchemaVersion | null> }>();

  constructor(options: RestRegistryOptions) {
    this.#options = options;
    const { url, login } = splitLogin(options.url);
    this.#url = url.replace(/\/$/, '');
    this.#logins = [options.login ?? {}, login];
    this.#transport = senderOf(url, options.tls ?? null);
    this.#clock = options.clock ?? systemClock;
  }

  schema(id: number): Promise<Schema | null> {
    return this.#byId.get(id) ?? this.#remember(id);
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
    return this.#version(subject, String(version));
  }

  async register(subject: string, { format, text, references }: SchemaDraft): Promise<number> {
    const body = { schema: text, schemaType: format, ...(references === undefined ? {} : { references }) };
    const answer = await this.#ask<{ id: number }>('POST', `/subjects/${encodeURIComponent(subject)}/versions`, body);
    this.#latest.delete(subject);
    if (answer !== null) return answer.id;
    throw registryRefused(`registry › ${subject}: there is no such place to register at ${this.#url}`);
  }

  /** Only what is known stays: an unknown id may be registered later, and an outage passes. */
  #remember(id: number): Promise<Schema | null> {
    const answer = this.#ask<SchemaAnswer>('GET', `/schemas/ids/${id}`).then((found) =>
      found === null ? null : this.#parse(found),
    );
    this.#byId.set(id, answer);
    this.#bound(this.#byId);
    answer.then(
      (schema) => schema === null && this.#byId.delete(id),
      () => this.#byId.delete(id),
    );
    return answer;
  }

  #bound(cache: Map<unknown, unknown>): void {
    if (cache.size > (this.#options.schemasMax ?? 1_000)) cache.delete(cache.keys().next().value);
  }

  async #version(subject: string, version: string): Promise<SchemaVersion | null> {
    const answer = await this.#ask<VersionAnswer>('GET', `/subjects/${encodeURIComponent(subject)}/versions/${version}`);
    if (answer === null) return null;
    return { subject: answer.subject, version: answer.version, id: answer.id, schema: await this.#parse(answer) };
  }

  async #parse({ schema, schemaType, references, metadata = null, ruleSet = null }: SchemaAnswer): Promise<Schema> {
    const imports = new Map<string, string>();
    await this.#collect(references ?? [], imports, 0);
    return parseSchema({ format: schemaType ?? 'AVRO', text: schema, imports, ...contractOf({ metadata, ruleSet }) });
  }

  /** Dependencies first: a schema may use what those before it declare. */
  async #collect(references: readonly SchemaReference[], imports: Map<string, string>, depth: number): Promise<void> {
    if (depth > referenceDepthMax) throw registryRefused(`registry: references go deeper than ${referenceDepthMax}`);
    for (const { name, subject, version } of references) {
      if (imports.has(name)) continue;
      const found = await this.#ask<VersionAnswer>('GET', `/subjects/${encodeURIComponent(subject)}/versions/${version}`);
      if (found === null)
        throw registryRefused(`registry: the reference ${name} leads to version ${version} of ${subject}, which is not there`);
      await this.#collect(found.references ?? [], imports, depth + 1);
      imports.set(name, found.schema);
    }
  }

  /** Null for 404 of something that is not there. */
  async #ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer | null> {
    const response = await this.#send(method, path, body);
    const answer = this.#read(response, path);
    if (response.status >= 200 && response.status < 300) return answer as Answer;
    const { error_code: code, message } = answer as { error_code?: number; message?: string };
    const said = `registry › ${method} ${path}: ${response.status}${code === undefined ? '' : ` (${code})`}: ${message ?? 'no reason given'}`;
    const facts = { status: response.status, errorCode: code ?? 0 };
    // Only a registry's own 404 says that something is unknown; a proxy's says that the registry is not there.
    if (response.status === 404 && code !== undefined && code >= 40_401 && code <= 40_403) return null;
    const passing = response.status >= 500 && response.status !== 501;
    if (passing || [401, 403, 404, 408, 429].includes(response.status)) throw registryUnreachable(said, { facts });
    throw registryRefused(said, { facts });
  }

  async #send(method: string, path: string, body: unknown): Promise<Received> {
    const { headers, timeoutMs } = this.#options;
    try {
      const authorization = this.#logins.map(authorizationOf).find((header) => header !== null) ?? null;
      return await this.#transport({
        method,
        url: this.#url + path,
        headers: {
          accept: contentType,
          ...(body === undefined ? {} : { 'content-type': contentType }),
          ...(authorization === null ? {} : { authorization }),
          ...headers,
        },
        body: body === undefined ? null : JSON.stringify(body),
        timeoutMs: timeoutMs ?? 10_000,
      });
    } catch (cause) {
      throw registryUnreachable(`registry › ${method} ${path}: no answer from ${this.#url}: ${messageOf(cause)}`, { cause });
    }
  }

  #read({ status, text }: Received, path: string): unknown {
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw registryUnreachable(`registry › ${path}: ${status} with an answer that is not JSON`, { cause });
    }
  }
}
