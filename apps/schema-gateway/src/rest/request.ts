import { type Draft, registryProblems } from '@penstock/registry';
import { type SchemaFormat, schemaFormats } from '@penstock/schema';
import { z } from 'zod';
import { badRequest } from '../problems.ts';
import type { Showing } from './answers.ts';

/** Fields that clients of later versions send are read over. */
const schemaBody = z.object({
  schema: z.string(),
  schemaType: z.string().nullish(),
  references: z.array(z.object({ name: z.string(), subject: z.string(), version: z.int() })).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  ruleSet: z.record(z.string(), z.unknown()).nullish(),
  id: z.int().nullish(),
  version: z.int().nullish(),
});

export interface SchemaRequest {
  readonly draft: Draft;
  readonly given: { readonly id: number; readonly version?: number } | null;
}

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The schema in the body of a request. Throws `registry.invalid-schema` when there is none. */
export function readSchema(body: unknown, query: Query): SchemaRequest {
  const parsed = schemaBody.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw registryProblems.invalidSchema(
      `Empty schema: expected {"schema": "…"}; ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    );
  }
  const { schema: text, schemaType, references, metadata, ruleSet, id, version } = parsed.data;
  const format = (schemaType ?? 'AVRO').toUpperCase() as SchemaFormat;
  if (!schemaFormats.includes(format)) throw registryProblems.invalidSchema(`Invalid schema type ${schemaType}`);
  const normalize = flag(query, 'normalize') ? { normalize: true } : {};
  const draft = {
    format,
    text,
    references: references ?? [],
    metadata: metadata ?? null,
    ruleSet: ruleSet ?? null,
    ...normalize,
  };
  return { draft, given: givenOf(id, version) };
}

/** Ids and versions from 1 on are given, others ask for new ones. */
function givenOf(id: number | null | undefined, version: number | null | undefined): SchemaRequest['given'] {
  if (typeof id !== 'number' || id < 1) return null;
  return typeof version === 'number' && version > 0 ? { id, version } : { id };
}

export function showingOf({ query, takesUnknown }: { readonly query: Query; readonly takesUnknown: boolean }): Showing {
  return { format: text(query, 'format'), full: takesUnknown };
}

export function flag(query: Query, name: string): boolean {
  return text(query, name)?.toLowerCase() === 'true';
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

/** `offset` and `limit`; a limit below 0 is none. */
export function pageOf(query: Query): Page {
  const [offset = 0, limit = -1] = ['offset', 'limit'].map((name) => numberOf(query, name));
  return { offset: Math.max(0, offset), limit: limit < 0 ? Number.POSITIVE_INFINITY : limit };
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
