import type { SchemaFormat, SchemaReference } from '@penstock/schema';
import { canonicalOf, parseSchema, type Schema } from '@penstock/schema';
import { DraftCache } from './draft-cache.ts';
import { guidOf } from './guid.ts';
import { LayeredMap } from './layered-map.ts';
import { invalidSchema } from './problems.ts';
import type { ConfigValue, Mode, SchemaValue } from './records.ts';
import { Shelf } from './shelf.ts';
import {
  contentKey,
  contextOf,
  formHashOf,
  globalContext,
  hashOf,
  isContextName,
  type SchemaContent,
  type StoredVersion,
  subjectIn,
  textHashOf,
} from './stored-schema.ts';

export interface VersionName {
  readonly subject: string;
  readonly version: number;
}

/** What has references, and the context that their subjects are meant in. */
export type Referring = Pick<SchemaContent, 'context' | 'references'>;

export const defaultLevel = 'BACKWARD';
const referenceDepthMax = 32;
/** Decided, and to be taken in soon. */
const decidedMax = 1_000;
const none: readonly never[] = [];

/**
 * Subjects with their versions, ids, settings and modes as they are. Nothing is decided here, and nothing written: `RecordFold` takes
 * in what the topic says. A registry over another one holds what is about to happen.
 */
export class Registry {
  readonly #base: Registry | null;
  readonly subjects: LayeredMap<string, readonly StoredVersion[]>;
  /** By context and id: what `contentKey` makes of them. */
  readonly contents: LayeredMap<string, SchemaContent>;
  /** Likewise: the versions that have the id, deleted ones included. */
  readonly uses: LayeredMap<string, readonly VersionName[]>;
  /** By `subject/version`: the keys of contents that refer to it. */
  readonly referrers: LayeredMap<string, readonly string[]>;
  /** Subject '' is the default for all. */
  readonly configs: LayeredMap<string, ConfigValue>;
  readonly modes: LayeredMap<string, Mode>;
  /** Ours: whether what breaks deployed pipelines is refused. */
  readonly guards: LayeredMap<string, boolean>;
  /** Contexts that were declared; those of subjects are not among them. */
  readonly contexts: LayeredMap<string, true>;
  readonly #byText: LayeredMap<string, number>;
  readonly #byCanonical: LayeredMap<string, number>;
  /** Keys that were written in other bytes than ours, by ours. */
  readonly oddKeys: LayeredMap<string, readonly string[]>;
  readonly #parsed = new Shelf<SchemaContent, Schema>();
  /** One for all that lie over one another. */
  readonly #drafts: DraftCache;
  readonly #canonicalByText = new Map<string, string>();
  readonly #canonicalHashes = new WeakMap<SchemaContent, string | null>();
  #uncanonical: SchemaContent[] = [];
  readonly #byGuid = new Map<string, readonly SchemaContent[]>();
  #unguided: SchemaContent[] = [];
  /** The highest id that was ever given, by context; '' for what counts in all. */
  readonly #idMaxes: LayeredMap<string, number>;

  constructor(base: Registry | null = null) {
    this.#base = base;
    this.#drafts = base === null ? new DraftCache() : base.#drafts;
    this.subjects = new LayeredMap(base?.subjects ?? null);
    this.contents = new LayeredMap(base?.contents ?? null);
    this.uses = new LayeredMap(base?.uses ?? null);
    this.referrers = new LayeredMap(base?.referrers ?? null);
    this.configs = new LayeredMap(base?.configs ?? null);
    this.modes = new LayeredMap(base?.modes ?? null);
    this.guards = new LayeredMap(base?.guards ?? null);
    this.contexts = new LayeredMap(base?.contexts ?? null);
    this.oddKeys = new LayeredMap(base?.oddKeys ?? null);
    this.#byText = new LayeredMap(base === null ? null : base.#byText);
    this.#byCanonical = new LayeredMap(base === null ? null : base.#byCanonical);
    this.#idMaxes = new LayeredMap(base === null ? null : base.#idMaxes);
  }

  /** All versions of a subject in their order, deleted ones included. */
  versions(subject: string): readonly StoredVersion[] {
    return this.subjects.get(subject) ?? none;
  }

  version(subject: string, version: number): StoredVersion | undefined {
    return this.versions(subject).find((each) => each.version === version);
  }

  /** The versions that have an id, in the context of a subject; deleted ones included. */
  usesOf(subject: string, id: number): readonly VersionName[] {
    return this.uses.get(contentKey(contextOf(subject), id)) ?? none;
  }

  /** The versions that refer to a version, those that were deleted softly only where they are wanted. */
  referrersOf({ subject, version }: VersionName, deleted: boolean): (VersionName & { readonly id: number })[] {
    const keys = this.referrers.get(`${subject}/${version}`) ?? none;
    const found = keys.flatMap((key) => {
      const id = this.contents.get(key)?.id ?? 0;
      return (this.uses.get(key) ?? none).map((use) => ({ ...use, id }));
    });
    return found.filter((use) => deleted || this.version(use.subject, use.version)?.deleted === false);
  }

  /** Ids of schemas that refer to a version, each once. */
  referringIds(name: VersionName, deleted: boolean): number[] {
    return [...new Set(this.referrersOf(name, deleted).map(({ id }) => id))].sort((left, right) => left - right);
  }

  /** Names that have versions and are meant by a name: that of a subject, or of a context for all that it holds. */
  subjectsOf(name: string): string[] {
    if (!isContextName(name)) return this.subjects.get(name) === undefined ? [] : [name];
    const context = contextOf(name);
    const isAny = name === '' || context === globalContext;
    return this.subjects.keys().filter((subject) => isAny || contextOf(subject) === context);
  }

  /** The id that stands for the same content in its context, by its text or by its canonical form. */
  idOf(content: Omit<SchemaContent, 'id'>, canonical: string | null): number | undefined {
    const textHash = textHashOf(content);
    const found = this.#byText.get(textHash);
    if (found !== undefined || canonical === null) return found;
    this.#indexCanonical();
    const canonicalHash = formHashOf(content, canonical);
    if (content.references.length === 0) this.#root.#note(textHash, canonicalHash);
    return this.#byCanonical.get(canonicalHash);
  }

  get #root(): Registry {
    return this.#base === null ? this : this.#base.#root;
  }

  /** What is new is decided twice and then taken in: its canonical form is the same each time. */
  #note(textHash: string, canonicalHash: string): void {
    this.#canonicalByText.set(textHash, canonicalHash);
    const [oldest] = this.#canonicalByText.keys();
    if (this.#canonicalByText.size > decidedMax && oldest !== undefined) this.#canonicalByText.delete(oldest);
  }

  /** What has a GUID, once in each context that it is in. Found without those that a registry over another one only intends. */
  withGuid(guid: string): readonly SchemaContent[] {
    if (this.#base !== null) return this.#base.withGuid(guid);
    for (const content of this.#unguided.splice(0)) {
      const name = guidOf(content);
      this.#byGuid.set(name, [...(this.#byGuid.get(name) ?? none), content]);
    }
    const found = this.#byGuid.get(guid) ?? none;
    return found.filter((content) => this.contents.get(contentKey(content.context, content.id)) === content);
  }

  /** The highest id that was ever given in a context: ids never repeat there. */
  idMaxOf(context: string): number {
    return Math.max(this.#idMaxes.get('') ?? 0, this.#idMaxes.get(context) ?? 0);
  }

  /** An id that was given in a context, or in any where it is ''. */
  noteId(context: string, id: number): void {
    if (id > (this.#idMaxes.get(context) ?? 0)) this.#idMaxes.set(context, id);
  }

  /** Takes in a version, new or changed. */
  put(value: SchemaValue): void {
    const { subject, version, id } = value;
    const content = this.#intern(value);
    const others = this.versions(subject).filter((each) => each.version !== version);
    const stored = { subject, version, content, deleted: value.deleted === true };
    this.subjects.set(
      subject,
      [...others, stored].sort((left, right) => left.version - right.version),
    );
    const key = contentKey(content.context, id);
    const uses = this.uses.get(key) ?? none;
    if (!uses.some((use) => use.subject === subject && use.version === version))
      this.uses.set(key, [...uses, { subject, version }]);
    this.noteId(content.context, id);
  }

  /** Forgets a version, and the id with its last one. */
  remove({ subject, version }: VersionName): void {
    const removed = this.version(subject, version);
    if (removed === undefined) return;
    const versions = this.versions(subject).filter((each) => each !== removed);
    if (versions.length > 0) this.subjects.set(subject, versions);
    else this.subjects.delete(subject);
    const { content } = removed;
    const key = contentKey(content.context, content.id);
    const uses = (this.uses.get(key) ?? none).filter((use) => use.subject !== subject || use.version !== version);
    if (uses.length > 0) this.uses.set(key, uses);
    else this.#forget(content);
  }

  /** Marks the versions up to one as deleted. */
  softDelete(subject: string, upTo: number): void {
    const versions = this.versions(subject);
    if (versions.length === 0) return;
    this.subjects.set(
      subject,
      versions.map((each) => (each.version <= upTo ? { ...each, deleted: true } : each)),
    );
  }

  /** The schema behind a content, with what it refers to. Kept for the last few hundred. Throws `registry.invalid-schema`. */
  parse(content: SchemaContent): Schema {
    const known = this.#parsed.get(content) ?? this.#base?.parse(content);
    if (known !== undefined) return known;
    const schema = parseSchema({
      ...{ format: content.format, text: content.text, imports: this.importsOf(content) },
      isStored: true,
    });
    this.#parsed.set(content, schema, content.text);
    return schema;
  }

  /**
   * The schema behind a text that nobody may have registered. Clients ask the same again and again: the last few hundred are kept,
   * unless they refer to others. Throws what is wrong with it.
   */
  parseDraft(draft: Pick<SchemaContent, 'context' | 'format' | 'text' | 'references'>, isStored = false): Schema {
    const { format, text, references } = draft;
    return references.length === 0 && !isStored
      ? this.#drafts.parse(format, text)
      : parseSchema({ format, text, imports: this.importsOf(draft), isStored });
  }

  /**
   * The texts that the references of a schema lead to, what each needs before it; subjects are those of its context. Throws
   * `registry.invalid-schema`.
   */
  importsOf(referring: Referring): ReadonlyMap<string, string> {
    const texts = new Map<string, string>();
    if (referring.references.length > 0) this.#collect(referring, texts, 0);
    return texts;
  }

  #collect({ references, context }: Referring, texts: Map<string, string>, depth: number): void {
    if (depth > referenceDepthMax) throw invalidSchema(`references go deeper than ${referenceDepthMax}`);
    for (const reference of references) {
      const { name, subject, version } = reference;
      if (texts.has(name)) continue;
      const content = this.#referred(reference, context)?.content;
      if (content === undefined) {
        throw invalidSchema(`No schema reference found for subject "${subject}" and version ${version}`, {
          facts: { reference: `${subject}/${version}` },
        });
      }
      this.#collect(content, texts, depth + 1);
      texts.set(name, content.text);
    }
  }

  /** Version -1 is the latest one. */
  #referred({ subject, version }: SchemaReference, context: string): StoredVersion | undefined {
    const versions = this.versions(subjectIn(context, subject));
    return versions.findLast((stored) => (version === -1 ? !stored.deleted : stored.version === version));
  }

  /** References with the numbers of the latest versions that they mean. */
  numbered({ references, context }: Referring): readonly SchemaReference[] {
    if (references.every(({ version }) => version !== -1)) return references;
    return references.map((reference) => ({
      ...reference,
      version: this.#referred(reference, context)?.version ?? reference.version,
    }));
  }

  #intern(value: SchemaValue): SchemaContent {
    const content: SchemaContent = {
      id: value.id,
      context: contextOf(value.subject),
      format: (value.schemaType ?? 'AVRO') satisfies SchemaFormat,
      text: value.schema,
      references: value.references ?? none,
      metadata: value.metadata ?? null,
      ruleSet: value.ruleSet ?? null,
    };
    const key = contentKey(content.context, value.id);
    const known = this.contents.get(key);
    const hash = textHashOf(content);
    if (known !== undefined && textHashOf(known) === hash) return known;
    // Another registry gave one id to two schemas: the first keeps the id, the version keeps its text.
    if (known !== undefined) return content;
    this.contents.set(key, content);
    if (this.#byText.get(hash) === undefined) this.#byText.set(hash, content.id);
    this.#uncanonical.push(content);
    if (this.#base === null) this.#unguided.push(content);
    for (const target of targetsOf(content)) this.referrers.set(target, [...(this.referrers.get(target) ?? none), key]);
    return content;
  }

  #forget(content: SchemaContent): void {
    const key = contentKey(content.context, content.id);
    this.uses.delete(key);
    this.contents.delete(key);
    this.#forgetGuid(content);
    this.#parsed.delete(content);
    const hash = hashOf(content, content.text);
    if (this.#byText.get(hash) === content.id) this.#byText.delete(hash);
    this.#indexCanonical();
    const canonical = this.canonicalHashOf(content);
    if (canonical !== null && this.#byCanonical.get(canonical) === content.id) this.#byCanonical.delete(canonical);
    for (const target of targetsOf(content)) {
      const left = (this.referrers.get(target) ?? none).filter((each) => each !== key);
      this.referrers.set(target, left);
    }
  }

  #forgetGuid(content: SchemaContent): void {
    this.#unguided = this.#unguided.filter((each) => each !== content);
    if (this.#byGuid.size === 0) return;
    const left = (this.#byGuid.get(guidOf(content)) ?? none).filter((each) => each !== content);
    if (left.length > 0) this.#byGuid.set(guidOf(content), left);
    else this.#byGuid.delete(guidOf(content));
  }

  /** Canonical forms are made when one is first asked for: a start with many schemas does not wait for them. */
  #indexCanonical(): void {
    if (this.#base !== null) this.#base.#indexCanonical();
    for (const content of this.#uncanonical.splice(0)) {
      const hash = this.canonicalHashOf(content);
      if (hash !== null && this.#byCanonical.get(hash) === undefined) this.#byCanonical.set(hash, content.id);
    }
  }

  /** Null for a text that this build cannot read: it is the same as its equal only. */
  canonicalHashOf(content: SchemaContent): string | null {
    // What it refers to may be about to happen only.
    if (this.#base !== null && content.references.length === 0) return this.#base.canonicalHashOf(content);
    const known = this.#canonicalHashes.get(content);
    if (known !== undefined) return known;
    const hash = this.#makeCanonicalHash(content);
    if (hash !== null || content.references.length === 0) this.#canonicalHashes.set(content, hash);
    return hash;
  }

  #makeCanonicalHash(content: SchemaContent): string | null {
    try {
      const { format, text } = content;
      const decided = this.#root.#canonicalByText.get(textHashOf(content));
      return decided ?? hashOf(content, canonicalOf({ format, text, imports: this.importsOf(content) }));
    } catch {
      return null;
    }
  }
}

/** What is referred to, as `referrers` names it. */
function targetsOf({ references, context }: Referring): string[] {
  return references.map(({ subject, version }) => `${subjectIn(context, subject)}/${version}`);
}
