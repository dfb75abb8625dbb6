import { messageOf, Problem } from '@penstock/kernel';
import {
  type Contract,
  checkRules,
  normalTextOf,
  type Schema,
  type SchemaFormat,
  type SchemaReference,
  storedTextOf,
} from '@penstock/schema';
import { parseMetadata, parseRuleSet } from './contract.ts';
import type { DraftReading } from './draft-reading.ts';
import { invalidRuleSet, invalidSchema, invalidSubject } from './problems.ts';
import type { Registry } from './registry.ts';
import { forbiddenField } from './reserved-fields.ts';
import { configInScope, configOf, isImporting } from './settings.ts';
import { type Attachment, contextOf, globalContext, type SchemaContent } from './stored-schema.ts';
import { changeTags, type TagChange, tagsIn } from './tags.ts';

/** A schema that somebody proposes. */
export interface Draft {
  readonly format: SchemaFormat;
  readonly text: string;
  readonly references?: readonly SchemaReference[];
  readonly metadata?: Attachment | null;
  readonly ruleSet?: Attachment | null;
  readonly normalize?: boolean;
  /** It is looked for among what is stored, not proposed. */
  readonly isSought?: boolean;
  readonly tags?: TagsAsked;
  /** Where something is decided about it more than once. */
  readonly reading?: DraftReading;
}

/** Tags that are to stand in the text, besides those that it has. */
export interface TagsAsked extends TagChange {
  /** Also those of the version before it. */
  readonly propagate: boolean;
}

/** A draft that is well formed: its parsed schema and what would be stored. */
export interface Candidate {
  readonly schema: Schema;
  readonly content: Omit<SchemaContent, 'id'>;
  /** Null: only the same text is the same schema. */
  readonly canonical: string | null;
}

const subjectLengthMax = 1_024;

/**
 * A draft with the text that it means: of the version before it where it has none, and with the tags that are asked for. Throws
 * `registry.invalid-schema` where there is no version, or no such place in it.
 */
export function fillDraft(registry: Registry, subject: string, draft: Draft): Draft {
  const { tags } = draft;
  if (tags === undefined && !isEmpty(draft)) return draft;
  const importing = isImporting(registry, subject);
  const before = importing ? undefined : registry.versions(subject).findLast(({ deleted }) => !deleted)?.content;
  if (isEmpty(draft) && before === undefined) throw invalidSchema('Empty schema');
  const filled = isEmpty(draft) && before !== undefined ? { ...draft, ...textOf(before) } : draft;
  if (tags === undefined) return filled;
  const { format } = filled;
  const changed = changeTags(format, filled.text, tags);
  const propagated = tags.propagate && before !== undefined ? tagsIn(before.format, before.text) : [];
  return { ...filled, text: changeTags(format, changed, { add: propagated, remove: [] }) };
}

function textOf({ format, text, references }: SchemaContent): Pick<Draft, 'format' | 'text' | 'references'> {
  return { format, text, references };
}

export function isEmpty({ text }: Draft): boolean {
  return text.trim() === '';
}

/** Parses a draft for a subject. Throws `registry.invalid-schema` or `registry.invalid-subject`. */
export function readDraft(registry: Registry, subject: string, draft: Draft): Candidate {
  checkSubject(subject);
  if (isEmpty(draft)) throw invalidSchema('Empty schema');
  const { format } = draft;
  const context = contextOf(subject);
  const references = registry.numbered({ references: draft.references ?? [], context });
  const importing = isImporting(registry, subject);
  const isStored = draft.isSought === true || importing || configInScope(registry, subject).validateNewSchemas === false;
  const parse = (): Schema => parseDraft(registry, { format, text: draft.text, context, references }, isStored);
  const { reading } = draft;
  const schema = reading === undefined || references.length > 0 ? parse() : reading.read(format, draft.text, parse);
  const settings = configOf(registry, subject);
  if (settings.validateFields) refuseForbidden(schema);
  // What is imported is not normalised.
  const normalize = (draft.normalize ?? settings.normalize) && !importing;
  const text = normalize
    ? normalTextOf({ format, text: schema.text, imports: registry.importsOf({ references, context }) })
    : storedTextOf(schema);
  const attachments = {
    metadata: draft.metadata ? parseMetadata(draft.metadata) : null,
    ruleSet: draft.ruleSet ? parseRuleSet(draft.ruleSet) : null,
  };
  const content = { context, format, text, references: normalize ? inOrder(references) : references, ...attachments };
  if (attachments.ruleSet !== null) refuseUnreadable(schema, attachments);
  return { schema, content, canonical: format === 'JSON' && !normalize ? null : schema.canonical };
}

/** As Confluent's registry normalises them: by what they lead to, and each once. */
function inOrder(references: readonly SchemaReference[]): readonly SchemaReference[] {
  const sorted = references.toSorted((left, right) => {
    if (left.subject !== right.subject) return left.subject < right.subject ? -1 : 1;
    return left.version - right.version;
  });
  const keyOf = ({ name, subject, version }: SchemaReference): string => JSON.stringify([name, subject, version]);
  return [...new Map(sorted.map((reference) => [keyOf(reference), reference])).values()];
}

/** A rule that cannot be read would keep back every record. Throws `registry.invalid-rule-set`. */
export function refuseUnreadable(schema: Schema, contract: Contract): void {
  try {
    checkRules(schema, contract);
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    throw invalidRuleSet(`Invalid ${thrown.message}`, { cause: thrown, facts: thrown.facts });
  }
}

function refuseForbidden(schema: Schema): void {
  const name = forbiddenField(schema);
  if (name === null) return;
  throw invalidSchema(
    `Invalid schema of type ${schema.format}, details: #/properties/${name}: Field names cannot start with $$ prefix`,
  );
}

const reservedNames: readonly string[] = ['__GLOBAL', '__EMPTY'];

/**
 * Control characters would not survive logs and keys; everything else does. The global context holds settings only. Throws
 * `registry.invalid-subject`.
 */
export function checkSubject(subject: string, isSetting = false): void {
  const context = contextOf(subject);
  const name = subject.replace(/^:\.[^:]*:/, '');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  const bad = subject === '' || subject.length > subjectLengthMax || /\p{Cc}/u.test(subject) || !subject.isWellFormed();
  const isReserved = reservedNames.includes(name) || (!isSetting && context === globalContext);
  if (bad || isReserved) throw invalidSubject(`The specified subject '${subject.slice(0, 100)}' is not a valid subject.`);
}

type Parsing = Omit<SchemaContent, 'id' | 'metadata' | 'ruleSet'>;

/** What need not be judged as new is read once more where that refuses it. */
function parseDraft(registry: Registry, draft: Parsing, isStored: boolean): Schema {
  const { format, references } = draft;
  try {
    return parseAsNew(registry, draft, isStored && format === 'AVRO');
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    const refs = references.map(({ name }) => name).join(', ');
    const message = `Invalid schema of type ${format} with refs [${refs}], details: ${messageOf(thrown)}`;
    throw invalidSchema(message, { cause: thrown, facts: { ...thrown.facts, format } });
  }
}

function parseAsNew(registry: Registry, draft: Parsing, isStored: boolean): Schema {
  try {
    return registry.parseDraft(draft);
  } catch (thrown) {
    if (!isStored || !(thrown instanceof Problem)) throw thrown;
    return registry.parseDraft(draft, true);
  }
}
