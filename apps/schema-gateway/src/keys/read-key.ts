import { type DekAlgorithm, isDekAlgorithm } from '@penstock/schema';
import { z } from 'zod';
import { badRequest } from '../problems.ts';
import { type Page, pageOf, type Query, text } from '../rest/request.ts';
import type { DekWanted } from './decide-dek.ts';
import { invalidField } from './decide-dek.ts';
import type { KekUpdate } from './decide-kek.ts';
import { defaultAlgorithm, type Kek, kmsProps, versionMin } from './key.ts';

const said = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const flag = z.boolean().nullish();
const props = z.record(z.string(), said.nullable()).nullish();

/** Fields that clients of later versions send are read over. */
const kekBody = z.object({
  name: said.nullish(),
  kmsType: said.nullish(),
  kmsKeyId: said.nullish(),
  kmsProps: props,
  doc: said.nullish(),
  shared: flag,
  deleted: flag,
});
/** What is not given stays as it is, null takes it away. */
const kekUpdateBody = z.object({ kmsProps: props, doc: said.nullish(), shared: flag });
const dekBody = z.object({
  subject: said.nullish(),
  version: z.coerce.number().int().max(2_147_483_647).nullish(),
  algorithm: z.string().nullish(),
  encryptedKeyMaterial: said.nullish(),
  deleted: flag,
});

/** Throws `keys.invalid` for what no KEK can be. */
export function readKek(body: unknown): Kek {
  const { name, kmsType, kmsKeyId, kmsProps: given, doc, shared, deleted } = parse(kekBody, body);
  const checked = checkName(name ?? '');
  if ((kmsKeyId ?? '') === '') throw invalidField('kmsKeyId');
  if (kmsType === null || kmsType === undefined) throw invalidField('kmsType');
  const id = kmsKeyId ?? '';
  if (keyIdStarts.get(kmsType)?.every((start) => !id.startsWith(start)) === true) throw invalidField('kmsKeyId');
  const flags = { shared: shared ?? false, deleted: deleted ?? false };
  return { name: checked, kmsType: kmsTypeNamed(kmsType), kmsKeyId: id, kmsProps: kmsProps(given), doc: doc ?? null, ...flags };
}

/** How the ids of keys begin, where it is known. */
const keyIdStarts: ReadonlyMap<string, readonly string[]> = new Map([
  ['aws-kms', ['arn:aws:kms:']],
  ['azure-kms', ['https://']],
  ['gcp-kms', ['projects/']],
  ['hcvault', ['https://', 'http://']],
]);

/** The large ones are called by several names. */
function kmsTypeNamed(given: string): string {
  const cloud = ['aws', 'azure', 'gcp'].find((name) => given.toLowerCase().startsWith(name));
  return cloud === undefined ? given : `${cloud}-kms`;
}

export function readKekUpdate(body: unknown): KekUpdate {
  const { kmsProps: given, doc, shared } = parse(kekUpdateBody, body);
  return { kmsProps: given === undefined ? undefined : kmsProps(given), doc, shared: shared ?? undefined };
}

/** `subject`: that of the path, which goes before that of the body. Throws `keys.invalid` for what no DEK can be. */
export function readDek(
  body: unknown,
  { kekName, subject }: { kekName: string; subject: string | null },
): Omit<DekWanted, 'rewrap'> {
  const { algorithm, version, encryptedKeyMaterial, deleted, ...named } = parse(dekBody, body);
  if (algorithm !== null && algorithm !== undefined && !isDekAlgorithm(algorithm)) {
    throw badRequest(`algorithm: there is no ${algorithm.slice(0, 40)}`);
  }
  if ((version ?? versionMin) < versionMin) throw invalidField('version');
  return {
    kekName: checkName(kekName),
    subject: checkSubject(subject ?? named.subject ?? ''),
    algorithm: algorithm ?? defaultAlgorithm,
    version: version ?? versionMin,
    encryptedKeyMaterial: encryptedKeyMaterial ?? null,
    deleted: deleted ?? false,
  };
}

/** Letters are those of the basic plane. Throws `keys.invalid`. */
export function checkName(name: string): string {
  if (name.length <= nameLengthMax && /^[\p{L}_][\p{L}\p{Nd}_-]*$/u.test(name) && !/[\ud800-\udfff]/.test(name)) return name;
  throw invalidField('name');
}

const nameLengthMax = 256;

/** Throws `keys.invalid`. */
export function checkSubject(subject: string): string {
  if (subject !== '' && !/\p{Cc}/u.test(subject)) return subject;
  throw invalidField('subject');
}

/** A parameter that is none of the names is no path, as in Jersey. */
export function algorithmOf(query: Query): DekAlgorithm {
  const given = text(query, 'algorithm');
  if (given === undefined) return defaultAlgorithm;
  if (isDekAlgorithm(given)) return given;
  throw Object.assign(new Error('algorithm'), { statusCode: 404 });
}

/** Zero is no limit, as below zero. */
export function keyPageOf(query: Query): Page {
  const { offset, limit } = pageOf(query);
  return { offset, limit: limit === 0 ? Number.POSITIVE_INFINITY : limit };
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badRequest(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not what was expected'}`);
}
