import { hash } from 'node:crypto';
import type { SchemaFormat, SchemaReference } from '@penstock/schema';

export type Attachment = Readonly<Record<string, unknown>>;

/** What an id stands for, for ever. Versions with the same id share it. */
export interface SchemaContent {
  readonly id: number;
  /** Ids are those of a context: '.' unless the subject reads `:.context:subject`. */
  readonly context: string;
  readonly format: SchemaFormat;
  readonly text: string;
  readonly references: readonly SchemaReference[];
  readonly metadata: Attachment | null;
  readonly ruleSet: Attachment | null;
}

export const defaultContext = '.';

/** Settings of this context count where nothing nearer is set. It holds no schemas. */
export const globalContext = '.__GLOBAL';

export function contextOf(subject: string): string {
  return /^:(\.[^:]*):/.exec(subject)?.[1] ?? defaultContext;
}

/** The name by which a context has settings of its own; '' for the default one. */
export function contextName(context: string): string {
  return context === defaultContext ? '' : `:${context}:`;
}

/** A name as it is stored: the default context is not named, and a context alone ends with a colon. */
export function plainName(name: string): string {
  const [, context, subject = ''] = /^:(\.[^:]*)(?::(.*))?$/s.exec(name) ?? [];
  return context === undefined ? name : contextName(context) + subject;
}

/** What a name means that is said within a context: there, unless it names one itself. */
export function subjectIn(context: string, name: string): string {
  return context === defaultContext || contextOf(name) !== defaultContext ? name : contextName(context) + name;
}

/** True for a name that stands for a whole context, and for '' of the default one. */
export function isContextName(name: string): boolean {
  return name === '' || name === contextName(contextOf(name));
}

export function contentKey(context: string, id: number): string {
  return `${context}/${id}`;
}

export interface StoredVersion {
  readonly subject: string;
  readonly version: number;
  readonly content: SchemaContent;
  /** Soft: nobody may use it anew, but records written with it are still read. */
  readonly deleted: boolean;
}

/** Equal for contents that say the same in `text`: the text as it stands, or its canonical form. */
export function hashOf(content: Omit<SchemaContent, 'id'>, text: string): string {
  const { context, format, references, metadata, ruleSet } = content;
  const more = JSON.stringify([
    context,
    format,
    references.map(({ name, subject, version }) => [name, subject, version]),
    metadata,
    ruleSet,
  ]);
  return hash('sha256', `${more}\0${text}`, 'base64url').slice(0, 22);
}

type Content = Omit<SchemaContent, 'id'>;

const textHashes = new WeakMap<Content, string>();

/** `hashOf` a content's own text, made once: contents do not change. */
export function textHashOf(content: Content): string {
  const known = textHashes.get(content);
  if (known !== undefined) return known;
  const made = hashOf(content, content.text);
  textHashes.set(content, made);
  return made;
}

const formHashes = new WeakMap<Content, { readonly form: string; readonly hash: string }>();

/** `hashOf` a content's canonical form, made once. */
export function formHashOf(content: Content, form: string): string {
  const known = formHashes.get(content);
  if (known?.form === form) return known.hash;
  const made = hashOf(content, form);
  formHashes.set(content, { form, hash: made });
  return made;
}
