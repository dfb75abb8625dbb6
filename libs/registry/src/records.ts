import { compatibilityLevels, type SchemaFormat, schemaFormats } from '@penstock/schema';
import { z } from 'zod';

/** One record of the compacted topic `_schemas`, as text. */
export interface RegistryRecord {
  readonly key: string;
  /** Null: the key is gone. */
  readonly value: string | null;
}

export const modes = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'READWRITE_OVERRIDE', 'FORWARD', 'IMPORT'] as const;
export type Mode = (typeof modes)[number];

const reference = z.object({ name: z.string(), subject: z.string(), version: z.int() });
const attachment = z.record(z.string(), z.unknown()).nullish();

/** Fields that later builds and other registries add are read over. */
export const keySchema = z.discriminatedUnion('keytype', [
  z.object({ keytype: z.literal('SCHEMA'), subject: z.string(), version: z.int().positive() }),
  z.object({ keytype: z.literal('CONFIG'), subject: z.string().nullish() }),
  z.object({ keytype: z.literal('MODE'), subject: z.string().nullish() }),
  z.object({ keytype: z.literal('DELETE_SUBJECT'), subject: z.string() }),
  z.object({ keytype: z.literal('CLEAR_SUBJECT'), subject: z.string().nullish() }),
  z.object({ keytype: z.literal('CONTEXT'), tenant: z.string().nullish(), context: z.string() }),
  /**
   * Others look at no NOOP. With the name of a subject it is ours, and says whether its deployed pipelines are guarded; else which id was
   * the highest in a context, or in all of them, as earlier builds of ours said it.
   */
  z.object({ keytype: z.literal('NOOP'), context: z.string().optional(), guard: z.string().optional() }),
]);
export type RecordKey = z.output<typeof keySchema>;

export const schemaValue = z.object({
  subject: z.string(),
  version: z.int().positive(),
  id: z.int().nonnegative(),
  schemaType: z.enum(schemaFormats as [SchemaFormat, ...SchemaFormat[]]).nullish(),
  references: z.array(reference).nullish(),
  metadata: attachment,
  ruleSet: attachment,
  schema: z.string(),
  deleted: z.boolean().nullish(),
});
export type SchemaValue = z.output<typeof schemaValue>;

/** As others write it; what a level or a policy does not say is the default of all. */
export const configValue = z.object({
  alias: z.string().nullish(),
  aliasForDeks: z.string().nullish(),
  normalize: z.boolean().nullish(),
  validateFields: z.boolean().nullish(),
  validateNewSchemas: z.boolean().nullish(),
  validateRules: z.boolean().nullish(),
  compatibilityLevel: z.enum(compatibilityLevels).nullish(),
  compatibilityPolicy: z.string().nullish(),
  compatibilityGroup: z.string().nullish(),
  defaultMetadata: attachment,
  overrideMetadata: attachment,
  defaultRuleSet: attachment,
  overrideRuleSet: attachment,
  /** As earlier builds of ours wrote it; others took such a record for a level of their own. */
  guard: z.boolean().nullish(),
});
export type ConfigValue = z.output<typeof configValue>;

export const modeValue = z.object({ mode: z.enum(modes) });
/** False lets versions pass that break a deployed pipeline. */
export const guardValue = z.object({ guard: z.boolean() });
export const deleteSubjectValue = z.object({ subject: z.string(), version: z.int() });
/** Others leave the value of NOOP empty and do not look at it. */
export const noopValue = z.object({ idMax: z.int().nonnegative() });

/** Registries that serve one tenant write this one. */
const defaultTenant = 'default';

const magics: Readonly<Record<RecordKey['keytype'], number>> = {
  SCHEMA: 1,
  CONFIG: 0,
  MODE: 0,
  DELETE_SUBJECT: 0,
  CLEAR_SUBJECT: 0,
  CONTEXT: 0,
  NOOP: 0,
};

/** Compaction compares bytes: the properties and their order are those of Confluent's registry. */
export function printKey(key: RecordKey): string {
  const { keytype } = key;
  const magic = magics[keytype];
  if (keytype === 'CONTEXT') return JSON.stringify({ keytype, tenant: key.tenant ?? defaultTenant, context: key.context, magic });
  if (keytype === 'NOOP') return JSON.stringify({ keytype, magic, context: key.context, guard: key.guard });
  const version = keytype === 'SCHEMA' ? { version: key.version } : {};
  return JSON.stringify({ keytype, subject: key.subject ?? null, ...version, magic });
}

/** Properties as Confluent's registry has them; of a subject that is null, for all, there is none. */
export function printSettings(subject: string, settings: object): string {
  return JSON.stringify({ subject: subject || undefined, ...settings });
}

/** The record that makes a context known. */
export function contextRecord(context: string): RegistryRecord {
  return { key: printKey({ keytype: 'CONTEXT', context }), value: JSON.stringify({ tenant: defaultTenant, context }) };
}

/** Properties in Confluent's order; those that say nothing are left out. */
export function printSchemaValue(value: SchemaValue): string {
  const { subject, version, id, schemaType, references, metadata, ruleSet, schema, deleted } = value;
  return JSON.stringify({
    subject,
    version,
    id,
    schemaType: schemaType === 'AVRO' ? undefined : (schemaType ?? undefined),
    references: references?.length ? references : undefined,
    metadata: metadata ?? undefined,
    ruleSet: ruleSet ?? undefined,
    schema,
    deleted: deleted === true,
  });
}
