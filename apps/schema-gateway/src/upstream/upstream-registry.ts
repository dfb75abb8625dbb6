import { Problem } from '@penstock/kernel';
import { type Draft, registryProblems, type VersionName } from '@penstock/registry';
import { z } from 'zod';
import { everyContext } from '../schemas/find.ts';
import { refusalOf } from './refusal.ts';
import type { Upstream } from './upstream.ts';
import type { UpstreamAnswer } from './upstream-client.ts';

const attachment = z.record(z.string(), z.unknown()).nullish();
const content = z.object({
  schema: z.string(),
  schemaType: z.enum(['AVRO', 'JSON', 'PROTOBUF']).nullish(),
  references: z.array(z.object({ name: z.string(), subject: z.string(), version: z.int() })).nullish(),
  metadata: attachment,
  ruleSet: attachment,
});
const version = content.extend({ subject: z.string(), version: z.int(), id: z.int() });
const names = z.array(z.object({ subject: z.string(), version: z.int() }));
const ids = z.array(z.object({ id: z.int(), context: z.string() }));
const config = z.object({
  compatibilityLevel: z.string().nullish(),
  compatibility: z.string().nullish(),
  normalize: z.boolean().nullish(),
});
const verdict = z.object({ is_compatible: z.boolean(), messages: z.array(z.string()).nullish() });

export type UpstreamContent = z.output<typeof content>;
export type UpstreamVersion = z.output<typeof version>;
export type UpstreamVerdict = z.output<typeof verdict>;

export interface Asking {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | boolean | undefined>>;
  readonly body?: object;
}

const mediaType = 'application/vnd.schemaregistry.v1+json';

/** What the gateway itself asks upstream, through the same cache as its callers. Throws `registry.*` as upstream refuses, `gateway.upstream-*`. */
export class UpstreamRegistry {
  readonly #upstream: Upstream;

  constructor(upstream: Upstream) {
    this.#upstream = upstream;
  }

  version(subject: string, wanted: number | 'latest', deleted = false): Promise<UpstreamVersion> {
    return this.#ask(version, 'GET', { path: `${pathOf(subject)}/versions/${wanted}`, query: { deleted } });
  }

  /** Null where the subject has no version. Of an alias it is what the other subject has, under the name that was asked for. */
  async latest(subject: string): Promise<UpstreamVersion | null> {
    const found = await this.version(subject, 'latest').catch(nullIfUnknown);
    return found === null ? null : { ...found, subject };
  }

  content(id: number, subject?: string): Promise<UpstreamContent> {
    return this.#ask(content, 'GET', { path: `/schemas/ids/${id}`, query: { subject } });
  }

  /** The id behind a GUID, in a context or in the first that has it. Throws `registry.unknown-schema`. */
  async named(guid: string, context: string): Promise<{ id: number; context: string }> {
    const found = await this.#ask(ids, 'GET', { path: `/schemas/guids/${encodeURIComponent(guid)}/ids` });
    const first = found.find((each) => context === '' || each.context === context);
    if (first !== undefined) return first;
    throw registryProblems.unknownSchema(`Schema ${guid.slice(0, 100)} not found`, { facts: { guid: guid.slice(0, 100) } });
  }

  uses(id: number, subject?: string): Promise<VersionName[]> {
    return this.#ask(names, 'GET', { path: `/schemas/ids/${id}/versions`, query: { subject } });
  }

  /** With no prefix those of all contexts. */
  subjects(prefix: string, deleted: boolean): Promise<string[]> {
    const subjectPrefix = prefix || everyContext;
    return this.#ask(z.array(z.string()), 'GET', { path: '/subjects', query: { subjectPrefix, deleted } });
  }

  versions(subject: string, deleted: boolean): Promise<number[]> {
    return this.#ask(z.array(z.int()), 'GET', { path: `${pathOf(subject)}/versions`, query: { deleted } });
  }

  /** Ids of schemas that refer to a version. */
  referrers(subject: string, of: number): Promise<number[]> {
    return this.#ask(z.array(z.int()), 'GET', { path: `${pathOf(subject)}/versions/${of}/referencedby` });
  }

  lookup(subject: string, draft: Draft, deleted = false): Promise<UpstreamVersion> {
    const query = { normalize: draft.normalize, deleted };
    return this.#ask(version, 'POST', { path: pathOf(subject), query, body: bodyOf(draft) });
  }

  /** Null where the subject has no such schema. */
  find(subject: string, draft: Draft): Promise<UpstreamVersion | null> {
    return this.lookup(subject, draft).catch(nullIfUnknown);
  }

  /** 0: with all that registering would compare with. Everything goes with a subject that is not there. */
  async check(subject: string, draft: Draft, against: number): Promise<UpstreamVerdict> {
    const path = `/compatibility${pathOf(subject)}/versions${against === 0 ? '' : `/${against}`}`;
    const found = await this.#ask(verdict, 'POST', { path, query: { verbose: true }, body: bodyOf(draft) }).catch((thrown) =>
      against === 0 ? nullIfUnknown(thrown) : Promise.reject(thrown),
    );
    return found ?? { is_compatible: true };
  }

  /** The version that holds the schema then, which is looked up: registering answers its id alone. */
  async register(subject: string, draft: Draft): Promise<UpstreamVersion> {
    const query = { normalize: draft.normalize };
    await this.#ask(z.object({ id: z.int() }), 'POST', { path: `${pathOf(subject)}/versions`, query, body: bodyOf(draft) });
    return this.lookup(subject, draft);
  }

  async deleteVersion(subject: string, of: number, permanent: boolean): Promise<void> {
    await this.#ask(z.unknown(), 'DELETE', { path: `${pathOf(subject)}/versions/${of}`, query: { permanent } });
  }

  deleteSubject(subject: string, permanent: boolean): Promise<number[]> {
    return this.#ask(z.array(z.int()), 'DELETE', { path: pathOf(subject), query: { permanent } });
  }

  /** What the subject goes by, and whether it is its own. */
  async config(subject: string): Promise<{ level: string; normalize: boolean; own: boolean }> {
    const own = await this.#ask(config, 'GET', { path: settingPath('config', subject) }).catch(nullIfUnknown);
    const found = own ?? (await this.#ask(config, 'GET', { path: '/config' }));
    const level = (found.compatibilityLevel ?? found.compatibility ?? 'BACKWARD').toUpperCase();
    return { level, normalize: found.normalize ?? false, own: own !== null };
  }

  async mode(subject: string): Promise<{ mode: string; own: boolean }> {
    const mode = z.object({ mode: z.string() });
    const own = await this.#ask(mode, 'GET', { path: settingPath('mode', subject) }).catch(nullIfUnknown);
    const found = own ?? (await this.#ask(mode, 'GET', { path: '/mode' }));
    return { mode: found.mode, own: own !== null };
  }

  async set(what: 'config' | 'mode', subject: string, { body, query }: Pick<Asking, 'body' | 'query'>): Promise<void> {
    await this.#ask(z.unknown(), 'PUT', {
      path: settingPath(what, subject),
      body: body ?? {},
      ...(query === undefined ? {} : { query }),
    });
  }

  async unset(what: 'config' | 'mode', subject: string): Promise<void> {
    await this.#ask(z.unknown(), 'DELETE', { path: settingPath(what, subject) });
  }

  async #ask<Shape extends z.ZodType>(
    shape: Shape,
    method: string,
    { path, query = {}, body }: Asking,
  ): Promise<z.output<Shape>> {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== false && value !== '');
    const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
    const answer = await this.#upstream.ask({
      method,
      url: search === '' ? path : `${path}?${search}`,
      headers: { accept: mediaType, ...(body === undefined ? {} : { 'content-type': mediaType }) },
      body: body === undefined ? null : Buffer.from(JSON.stringify(body)),
    });
    if (answer.status >= 400) throw refusalOf(answer, `${method} ${path}`);
    return parse(shape, answer, `${method} ${path}`);
  }
}

function parse<Shape extends z.ZodType>(shape: Shape, { body }: UpstreamAnswer, line: string): z.output<Shape> {
  const parsed = shape.safeParse(body.length === 0 ? null : JSON.parse(body.toString('utf8')));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw registryProblems.badRecord(`upstream › ${line}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not an answer'}`);
}

function bodyOf({ format, text, references = [], metadata, ruleSet }: Draft): object {
  return {
    ...(format === 'AVRO' ? {} : { schemaType: format }),
    ...(references.length === 0 ? {} : { references }),
    ...((metadata ?? null) === null ? {} : { metadata }),
    ...((ruleSet ?? null) === null ? {} : { ruleSet }),
    schema: text,
  };
}

function pathOf(subject: string): string {
  return `/subjects/${encodeURIComponent(subject)}`;
}

function settingPath(what: 'config' | 'mode', subject: string): string {
  return subject === '' ? `/${what}` : `/${what}/${encodeURIComponent(subject)}`;
}

function nullIfUnknown(thrown: unknown): null {
  if (thrown instanceof Problem && thrown.kind.status === 'NOT_FOUND') return null;
  throw thrown;
}
