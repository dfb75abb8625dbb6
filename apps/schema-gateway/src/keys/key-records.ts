import { type DekAlgorithm, dekAlgorithms } from '@penstock/schema';
import { z } from 'zod';
import { type Dek, type DekName, type Kek, kmsProps } from './key.ts';
import { printFields } from './print-fields.ts';
import { badKeyRecord } from './problems.ts';

/** One record of the compacted topic `_dek_registry_keys`, as text. */
export interface KeyRecord {
  readonly key: string;
  /** Null: the key is gone. */
  readonly value: string | null;
}

/** A registry of several tenants keeps them all in one topic; this is the one of a registry that has none. */
export const ownTenant = 'default';

const algorithm = z.enum(dekAlgorithms as [DekAlgorithm, ...DekAlgorithm[]]);
const said = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const flag = z.boolean().nullish();

/** Fields that later builds and other registries add are read over. */
const recordKey = z.discriminatedUnion('type', [
  z.object({ type: z.literal('KEK'), tenant: z.string().nullish(), name: z.string() }),
  z.object({
    ...{ type: z.literal('DEK'), tenant: z.string().nullish(), kekName: z.string(), subject: z.string(), algorithm },
    version: z.int(),
  }),
]);
export type RecordKey = z.output<typeof recordKey>;

const kekValue = z.object({
  type: z.literal('KEK'),
  kmsType: z.string(),
  kmsKeyId: z.string(),
  kmsProps: z.record(z.string(), said.nullable()).nullish(),
  doc: z.string().nullish(),
  shared: flag,
  deleted: flag,
});
const dekValue = z.object({
  type: z.literal('DEK'),
  subject: z.string(),
  encryptedKeyMaterial: z.string().nullish(),
  deleted: flag,
});

/** Throws `keys.bad-record`. */
export function parseRecordKey(key: string): RecordKey {
  return parse(recordKey, key, key);
}

export function parseKek({ name }: RecordKey & { type: 'KEK' }, key: string, value: string): Kek {
  const { kmsType, kmsKeyId, kmsProps: props, doc, shared, deleted } = parse(kekValue, value, key);
  const flags = { shared: shared ?? false, deleted: deleted ?? false };
  return { name, kmsType, kmsKeyId, kmsProps: kmsProps(props), doc: doc ?? null, ...flags };
}

export function parseDek(named: RecordKey & { type: 'DEK' }, key: string, value: string): Dek {
  const { subject, encryptedKeyMaterial, deleted } = parse(dekValue, value, key);
  const name = { kekName: named.kekName, subject, algorithm: named.algorithm, version: named.version };
  return { ...name, encryptedKeyMaterial: encryptedKeyMaterial ?? null, deleted: deleted ?? false };
}

/** Compaction compares bytes: the properties and their order are those of Confluent's registry, here and below. */
export function printKekKey(name: string): string {
  return printFields({ tenant: ownTenant, name, type: 'KEK' });
}

export function printDekKey({ kekName, subject, algorithm: of, version }: DekName): string {
  return printFields({ tenant: ownTenant, kekName, subject, algorithm: of, version, type: 'DEK' });
}

export function printKek({ name, kmsType, kmsKeyId, kmsProps: props, doc, shared, deleted }: Kek): string {
  return printFields({ name, kmsType, kmsKeyId, kmsProps: props, doc, shared, deleted, type: 'KEK' });
}

export function printDek({ kekName, subject, algorithm: of, version, encryptedKeyMaterial, deleted }: Dek): string {
  return printFields({ kekName, subject, algorithm: of, version, encryptedKeyMaterial, deleted, type: 'DEK' });
}

/** What is wrong is told without the value: it may hold secrets. */
function parse<Schema extends z.ZodType>(schema: Schema, text: string, key: string): z.output<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw badKeyRecord(`${key.slice(0, 200)}: the record is not JSON`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badKeyRecord(`${key.slice(0, 200)}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not what was expected'}`);
}
