import { type Draft, type Import, registryProblems, type TagsAsked } from '@penstock/registry';
import { type SchemaFormat, schemaFormats } from '@penstock/schema';
import { z } from 'zod';
import { badRequest } from '../problems.ts';
import type { Showing } from './answers.ts';

const tagList = z
  .array(
    z.object({
      schemaEntity: z.object({ entityPath: z.string(), entityType: z.enum(['sr_record', 'sr_field']) }),
      tags: z.array(z.string()),
    }),
  )
  .nullish();
const attachment = z.record(z.string(), z.unknown()).nullish();

/** Fields that clients of later versions send are read over. */
const schemaBody = z.object({
  schema: z.string().nullish(),
  schemaType: z.string().nullish(),
  references: z.array(z.object({ name: z.string(), subject: z.string(), version: z.int() })).nullish(),
  metadata: attachment,
  ruleSet: attachment,
  id: z.int().nullish(),
  version: z.int().nullish(),
  schemaTagsToAdd: tagList,
  schemaTagsToRemove: tagList,
  propagateSchemaTags: z.boolean().nullish(),
});
const tagsBody = z.object({
  newVersion: z.int().nullish(),
  tagsToAdd: tagList,
  tagsToRemove: tagList,
  metadata: attachment,
  ruleSet: attachment,
  rulesToMerge: attachment,
  rulesToRemove: z.array(z.string()).nullish(),
});

export interface SchemaRequest {
  readonly draft: Draft;
  /** Null: neither an id nor a version is asked for. */
  readonly given: Import | null;
}

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The schema in the body of a request; a text that is not given is empty. Throws `registry.invalid-schema` for none at all. */
export function readSchema(body: unknown, query: Query): SchemaRequest {
  const { schema: text, schemaType, references, metadata, ruleSet, id, version, ...tagged } = readBody(schemaBody, body);
  const format = (schemaType ?? 'AVRO').toUpperCase() as SchemaFormat;
  if (!schemaFormats.includes(format)) throw registryProblems.invalidSchema(`Invalid schema type ${schemaType}`);
  const tags = tagsOf(tagged);
  const draft = {
    ...{ format, text: text ?? '', references: references ?? [], metadata: metadata ?? null, ruleSet: ruleSet ?? null },
    ...(flag(query, 'normalize') ? { normalize: true } : {}),
    ...(tags === null ? {} : { tags }),
  };
  const place = version ?? (tags !== null && tags.add.length + tags.remove.length > 0 ? -1 : 0);
  const isGiven = typeof id === 'number' && id >= 0;
  return { draft, given: isGiven || place !== 0 ? { id: isGiven ? id : null, version: place } : null };
}

function tagsOf(
  body: Pick<z.output<typeof schemaBody>, 'schemaTagsToAdd' | 'schemaTagsToRemove' | 'propagateSchemaTags'>,
): TagsAsked | null {
  const { schemaTagsToAdd: add, schemaTagsToRemove: remove, propagateSchemaTags: propagate } = body;
  const asked = { add: add ?? [], remove: remove ?? [], propagate: propagate ?? false };
  return asked.propagate || asked.add.length + asked.remove.length > 0 ? asked : null;
}

export type TagRequest = z.output<typeof tagsBody>;

/** What is to become of the tags, metadata and rules of a version. Throws `registry.invalid-schema`. */
export function readTagRequest(body: unknown): TagRequest {
  return readBody(tagsBody, body);
}

function readBody<Shape extends z.ZodType>(shape: Shape, body: unknown): z.output<Shape> {
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw registryProblems.invalidSchema(`Invalid request: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

export function showingOf({ query, takesUnknown }: { readonly query: Query; readonly takesUnknown: boolean }): Showing {
  return {
    format: text(query, 'format'),
    full: takesUnknown,
    tags: all(query, 'findTags'),
    qualified: text(query, 'referenceFormat') === 'qualified',
  };
}

export function flag(query: Query, name: string): boolean {
  return text(query, name)?.toLowerCase() === 'true';
}

/** All that is given under a name. */
export function all(query: Query, name: string): readonly string[] {
  return [query[name] ?? []].flat();
}

/** Undefined where it is not given; the first where it is given twice. */
export function text(query: Query, name: string): string | undefined {
  const value = query[name];
  return typeof value === 'string' || value === undefined ? value : value[0];
}

export interface Page {
  readonly offset: number;
  readonly limit: number;
}

/** `offset` and `limit`; a limit that is not above 0 is none. */
export function pageOf(query: Query): Page {
  const [offset = 0, limit = -1] = ['offset', 'limit'].map((name) => numberOf(query, name));
  return { offset: Math.max(0, offset), limit: limit <= 0 ? Number.POSITIVE_INFINITY : limit };
}

function numberOf(query: Query, name: string): number | undefined {
  const given = text(query, name);
  if (given === undefined) return undefined;
  if (!/^-?\d{1,10}$/.test(given)) throw badRequest(`${name}: expected a whole number, got ${given.slice(0, 40)}`);
  return Number(given);
}

export function paged<Entry>(entries: readonly Entry[], { offset, limit }: Page): readonly Entry[] {
  return offset === 0 && limit >= entries.length ? entries : entries.slice(offset, offset + limit);
}
