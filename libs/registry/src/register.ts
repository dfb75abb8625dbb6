import { messageOf, Problem } from '@penstock/kernel';
import {
  type CompatibilityLevel,
  canonicalOf,
  checkCompatibility,
  type EarlierVersion,
  type Schema,
  type SchemaFormat,
  type SchemaReference,
  type VersionIncompatibility,
} from '@penstock/schema';
import { invalidSchema, invalidSubject, notPermitted, noVerdict } from './problems.ts';
import { printKey, printSchemaValue, type RegistryRecord } from './records.ts';
import type { Registry } from './registry.ts';
import { checkWritable, configOf, modeOf } from './settings.ts';
import {
  type Attachment,
  contentKey,
  contextOf,
  hashOf,
  type SchemaContent,
  type StoredVersion,
  textHashOf,
} from './stored-schema.ts';

/** A schema that somebody proposes. */
export interface Draft {
  readonly format: SchemaFormat;
  readonly text: string;
  readonly references?: readonly SchemaReference[];
  readonly metadata?: Attachment | null;
  readonly ruleSet?: Attachment | null;
  readonly normalize?: boolean;
}

/** A draft that is well formed: its parsed schema and what would be stored. */
export interface Candidate {
  readonly schema: Schema;
  readonly content: Omit<SchemaContent, 'id'>;
  /** Null: only the same text is the same schema. */
  readonly canonical: string | null;
}

const subjectLengthMax = 1_024;

/** Parses a draft for a subject. Throws `registry.invalid-schema` or `registry.invalid-subject`. */
export function readDraft(registry: Registry, subject: string, draft: Draft): Candidate {
  checkSubject(subject);
  const { format, references = [] } = draft;
  const schema = parseDraft(registry, draft);
  const normalize = draft.normalize ?? configOf(registry, subject).normalize;
  const text = normalize ? canonicalOf({ format, text: schema.text, imports: registry.imports(references) }) : schema.text;
  const attachments = { metadata: draft.metadata ?? null, ruleSet: draft.ruleSet ?? null };
  const content = { context: contextOf(subject), format, text, references, ...attachments };
  return { schema, content, canonical: format === 'JSON' && !normalize ? null : schema.canonical };
}

/** Control characters would not survive logs and keys; everything else does. */
export function checkSubject(subject: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  const bad = subject === '' || subject.length > subjectLengthMax || /\p{Cc}/u.test(subject) || !subject.isWellFormed();
  if (bad) throw invalidSubject(`The specified subject '${subject.slice(0, 100)}' is not a valid subject.`);
}

function parseDraft(registry: Registry, { format, text, references = [] }: Draft): Schema {
  try {
    return registry.parseDraft(format, text, references);
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    const refs = references.map(({ name }) => name).join(', ');
    const message = `Invalid schema of type ${format} with refs [${refs}], details: ${messageOf(thrown)}`;
    throw invalidSchema(message, { cause: thrown, facts: { ...thrown.facts, format } });
  }
}

/** The version of the subject that is the same as the candidate; the latest of several. */
export function findVersion(
  registry: Registry,
  subject: string,
  { candidate, deleted }: { candidate: Candidate; deleted: boolean },
): StoredVersion | undefined {
  const { content, canonical } = candidate;
  const hash = hashOf(content, content.text);
  const canonicalHash = canonical === null ? null : hashOf(content, canonical);
  return registry.versions(subject).findLast((stored) => {
    if (stored.deleted && !deleted) return false;
    if (textHashOf(stored.content) === hash) return true;
    if (canonicalHash === null || stored.content.format !== content.format) return false;
    return registry.canonicalHashOf(stored.content) === canonicalHash;
  });
}

export interface Verdict {
  readonly level: CompatibilityLevel;
  readonly incompatibilities: readonly VersionIncompatibility[];
}

/** Compares a candidate with the live versions of a subject. Throws `registry.no-verdict` where none can be given. */
export function judge(
  registry: Registry,
  subject: string,
  { schema, versions }: { schema: Schema; versions?: readonly StoredVersion[] },
): Verdict {
  const { level } = configOf(registry, subject);
  const live = versions ?? registry.versions(subject).filter(({ deleted }) => !deleted);
  if (level === 'NONE') return { level, incompatibilities: [] };
  try {
    const compared = level.endsWith('_TRANSITIVE') ? live : live.slice(-1);
    const earlier = compared.map(({ version, content }) => ({ version, schema: registry.parse(content) }));
    return { level, incompatibilities: compare(level, schema, earlier) };
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    throw noVerdict(`${subject}: ${thrown.message}`, { cause: thrown, facts: { subject } });
  }
}

interface Comparison {
  readonly level: CompatibilityLevel;
  readonly earlier: readonly EarlierVersion[];
  readonly incompatibilities: readonly VersionIncompatibility[];
}

/** By the candidate: parsed schemas do not change, and clients ask the same again and again. */
const compared = new WeakMap<Schema, Comparison>();

function compare(
  level: CompatibilityLevel,
  schema: Schema,
  earlier: readonly EarlierVersion[],
): readonly VersionIncompatibility[] {
  const known = compared.get(schema);
  if (known?.level === level && isSame(known.earlier, earlier)) return known.incompatibilities;
  const incompatibilities = checkCompatibility(level, schema, earlier);
  compared.set(schema, { level, earlier, incompatibilities });
  return incompatibilities;
}

function isSame(left: readonly EarlierVersion[], right: readonly EarlierVersion[]): boolean {
  if (left.length !== right.length) return false;
  return left.every(({ version, schema }, index) => right[index]?.version === version && right[index].schema === schema);
}

export interface Registration {
  readonly id: number;
  readonly version: number;
  /** Empty: it was there already. */
  readonly records: readonly RegistryRecord[];
  readonly verdict: Verdict | null;
}

/** An id and a version that are given, as when a registry is moved. */
export interface Import {
  readonly id: number;
  readonly version?: number | undefined;
}

/**
 * What registering a candidate comes to. Whether an incompatible one is refused is the caller's to say: the records are those of
 * taking it.
 */
export function decideRegistration(
  registry: Registry,
  subject: string,
  { candidate, given }: { candidate: Candidate; given: Import | null },
): Registration {
  const same = findVersion(registry, subject, { candidate, deleted: false });
  if (same !== undefined && (given === null || given.id === same.content.id)) {
    return { id: same.content.id, version: same.version, records: [], verdict: null };
  }
  checkWritable(registry, subject);
  const importing = modeOf(registry, subject) === 'IMPORT';
  if (given !== null && !importing) throw notPermitted(`Subject ${subject} is not in import mode`, { facts: { subject } });
  if (given === null && importing) throw notPermitted(`Subject ${subject} is in import mode`, { facts: { subject } });
  const id = given === null ? (registry.idOf(candidate.content, candidate.canonical) ?? registry.idMax + 1) : given.id;
  if (given !== null) checkImport(registry, candidate, given);
  const verdict = importing ? null : judge(registry, subject, { schema: candidate.schema });
  const version = given?.version ?? (registry.versions(subject).at(-1)?.version ?? 0) + 1;
  return { id, version, records: [recordOf(candidate, { subject, version, id })], verdict };
}

/** An id stands for one schema for ever. */
function checkImport(registry: Registry, { content }: Candidate, { id }: Import): void {
  const known = registry.contents.get(contentKey(content.context, id));
  if (known === undefined || hashOf(known, known.text) === hashOf(content, content.text)) return;
  throw notPermitted(`Overwrite new schema with id ${id} is not permitted.`, { facts: { id } });
}

function recordOf({ content }: Candidate, place: { subject: string; version: number; id: number }): RegistryRecord {
  const { format, text, references, metadata, ruleSet } = content;
  const value = { ...place, schemaType: format, references: [...references], metadata, ruleSet, schema: text, deleted: false };
  return {
    key: printKey({ keytype: 'SCHEMA', subject: place.subject, version: place.version }),
    value: printSchemaValue(value),
  };
}
