import { messageOf, Problem } from '@penstock/kernel';
import {
  type CompatibilityLevel,
  type CompatibilityRule,
  type Contract,
  canonicalOf,
  checkCompatibility,
  checkRules,
  type EarlierVersion,
  type Schema,
  type SchemaFormat,
  type SchemaReference,
  type VersionIncompatibility,
} from '@penstock/schema';
import { mergeMetadata, mergeRuleSets, parseMetadata, parseRuleSet, propertyOf } from './contract.ts';
import { invalidRuleSet, invalidSchema, invalidSubject, notPermitted, noVerdict } from './problems.ts';
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
  const attachments = {
    metadata: draft.metadata ? parseMetadata(draft.metadata) : null,
    ruleSet: draft.ruleSet ? parseRuleSet(draft.ruleSet) : null,
  };
  const content = { context: contextOf(subject), format, text, references, ...attachments };
  if (attachments.ruleSet !== null) refuseUnreadable(schema, attachments);
  return { schema, content, canonical: format === 'JSON' && !normalize ? null : schema.canonical };
}

/** A rule that cannot be read would keep back every record. */
function refuseUnreadable(schema: Schema, contract: Contract): void {
  try {
    checkRules(schema, contract);
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    throw invalidRuleSet(`Invalid ${thrown.message}`, { cause: thrown, facts: thrown.facts });
  }
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

/**
 * A candidate with the metadata and rules that it would get: its own, else those of the version before it, between the subject's defaults
 * and overrides.
 */
export function settle(registry: Registry, subject: string, candidate: Candidate): Candidate {
  const { content } = candidate;
  const settings = configOf(registry, subject);
  const before = registry.versions(subject).findLast(({ deleted }) => !deleted)?.content;
  const own = { metadata: content.metadata ?? before?.metadata ?? null, ruleSet: content.ruleSet ?? before?.ruleSet ?? null };
  const { defaultMetadata = null, overrideMetadata = null, defaultRuleSet = null, overrideRuleSet = null } = settings;
  const metadata = mergeMetadata(mergeMetadata(defaultMetadata, own.metadata), overrideMetadata);
  const ruleSet = mergeRuleSets(mergeRuleSets(defaultRuleSet, own.ruleSet), overrideRuleSet);
  return metadata === null && ruleSet === null ? candidate : { ...candidate, content: { ...content, metadata, ruleSet } };
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

/** The version that somebody means who gives its text: as `findVersion`, and metadata or rules that are not given are any. */
export function lookUpVersion(
  registry: Registry,
  subject: string,
  { candidate, deleted }: { candidate: Candidate; deleted: boolean },
): StoredVersion | undefined {
  const { metadata, ruleSet } = candidate.content;
  const found = findVersion(registry, subject, { candidate, deleted });
  if (found !== undefined || (metadata !== null && ruleSet !== null)) return found;
  const versions = registry.versions(subject).filter((stored) => deleted || !stored.deleted);
  return versions.findLast(({ content }) => {
    return (content.metadata !== null || content.ruleSet !== null) && isSameBesides(registry, content, candidate);
  });
}

/** As if the candidate had what it says nothing of. */
function isSameBesides(registry: Registry, stored: SchemaContent, { content, canonical }: Candidate): boolean {
  const { metadata, ruleSet } = stored;
  const filled = { ...content, metadata: content.metadata ?? metadata, ruleSet: content.ruleSet ?? ruleSet };
  if (textHashOf(stored) === hashOf(filled, content.text)) return true;
  return canonical !== null && registry.canonicalHashOf(stored) === hashOf(filled, canonical);
}

export interface Verdict {
  readonly level: CompatibilityLevel;
  readonly incompatibilities: readonly VersionIncompatibility[];
}

/** Compares a candidate with the live versions of a subject. Throws `registry.no-verdict` where none can be given. */
export function judge(
  registry: Registry,
  subject: string,
  { candidate, versions }: { candidate: Candidate; versions?: readonly StoredVersion[] },
): Verdict {
  const { level, policy, group } = configOf(registry, subject);
  const all = versions ?? registry.versions(subject).filter(({ deleted }) => !deleted);
  const mine = group === undefined ? undefined : propertyOf(candidate.content.metadata, group);
  const live = group === undefined ? all : all.filter(({ content }) => propertyOf(content.metadata, group) === mine);
  if (level === 'NONE') return { level, incompatibilities: [] };
  try {
    const compared = level.endsWith('_TRANSITIVE') ? live : live.slice(-1);
    const earlier = compared.map(({ version, content }) => ({ version, schema: registry.parse(content) }));
    return {
      level,
      incompatibilities: compare({ level, ...(policy === undefined ? {} : { policy }) }, candidate.schema, earlier),
    };
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    throw noVerdict(`${subject}: ${thrown.message}`, { cause: thrown, facts: { subject } });
  }
}

interface Comparison {
  readonly rule: CompatibilityRule;
  readonly earlier: readonly EarlierVersion[];
  readonly incompatibilities: readonly VersionIncompatibility[];
}

/** By the candidate: parsed schemas do not change, and clients ask the same again and again. */
const compared = new WeakMap<Schema, Comparison>();

function compare(rule: CompatibilityRule, schema: Schema, earlier: readonly EarlierVersion[]): readonly VersionIncompatibility[] {
  const known = compared.get(schema);
  const isSameRule = known?.rule.level === rule.level && known.rule.policy === rule.policy;
  if (isSameRule && isSame(known.earlier, earlier)) return known.incompatibilities;
  const incompatibilities = checkCompatibility(rule, schema, earlier);
  compared.set(schema, { rule, earlier, incompatibilities });
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
  { candidate: proposed, given }: { candidate: Candidate; given: Import | null },
): Registration {
  // What is imported is stored as it comes.
  const candidate = given === null ? settle(registry, subject, proposed) : proposed;
  const same = findVersion(registry, subject, { candidate, deleted: false });
  if (same !== undefined && (given === null || given.id === same.content.id)) {
    return { id: same.content.id, version: same.version, records: [], verdict: null };
  }
  checkWritable(registry, subject);
  const importing = ['IMPORT', 'FORWARD'].includes(modeOf(registry, subject));
  if (given !== null && !importing) throw notPermitted(`Subject ${subject} is not in import mode`, { facts: { subject } });
  if (given === null && importing) throw notPermitted(`Subject ${subject} is in import mode`, { facts: { subject } });
  const id = given === null ? (registry.idOf(candidate.content, candidate.canonical) ?? registry.idMax + 1) : given.id;
  if (given !== null) checkImport(registry, candidate, given);
  const verdict = importing ? null : judge(registry, subject, { candidate });
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
