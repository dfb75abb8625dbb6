import { createHash, type Hash } from 'node:crypto';
import { sortedEntries, sortedOnce } from './sorted.ts';
import type { Attachment, SchemaContent } from './stored-schema.ts';

/** Content that has a name for all registries of the world, whatever its id in one of them. */
export type Named = Pick<SchemaContent, 'text' | 'references' | 'metadata' | 'ruleSet'>;

const guids = new WeakMap<Named, string>();

/**
 * A schema's GUID, the one that Confluent's registry gives the same content: the MD5 of its text, references, metadata and rules, in the
 * order and with the defaults of its `Schema.updateHash`.
 */
export function guidOf(content: Named): string {
  const known = guids.get(content) ?? makeGuid(content);
  guids.set(content, known);
  return known;
}

function makeGuid({ text, references, metadata, ruleSet }: Named): string {
  const hash = createHash('md5').update(text);
  for (const { name, subject, version } of references) {
    const number = Buffer.alloc(4);
    number.writeInt32BE(version);
    hash.update(name).update(subject).update(number);
  }
  if (metadata !== null) addMetadata(hash.update(isThere), metadata);
  if (ruleSet !== null) addRuleSet(hash.update(isThere), ruleSet);
  return hash.digest('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const isThere = Buffer.of(1);

function addMetadata(hash: Hash, { tags, properties, sensitive }: Attachment): void {
  for (const [path, names] of entriesOf(tags)) for (const part of [path, ...textsOf(names)]) hash.update(part);
  addPairs(hash, properties);
  for (const name of textsOf(sensitive)) hash.update(name);
}

function addRuleSet(hash: Hash, { migrationRules, domainRules, encodingRules, enableAt }: Attachment): void {
  for (const rules of [migrationRules, domainRules, encodingRules]) {
    for (const rule of Array.isArray(rules) ? (rules as Attachment[]) : []) addRule(hash, rule);
  }
  if (typeof enableAt === 'string') hash.update(enableAt);
}

function addRule(hash: Hash, rule: Attachment): void {
  const add = (name: string, otherwise = ''): void => void hash.update(typeof rule[name] === 'string' ? rule[name] : otherwise);
  add('name');
  add('doc');
  add('kind', 'TRANSFORM');
  add('mode', 'WRITEREAD');
  add('type');
  for (const tag of textsOf(rule['tags'])) hash.update(tag);
  addPairs(hash, rule['params']);
  add('expr');
  add('onSuccess');
  add('onFailure');
  if (rule['disabled'] === true) hash.update(isThere);
}

function addPairs(hash: Hash, pairs: unknown): void {
  for (const [name, value] of entriesOf(pairs)) hash.update(name).update(String(value));
}

/** Whatever another registry wrote there. */
function entriesOf(map: unknown): [string, unknown][] {
  return sortedEntries(typeof map === 'object' && map !== null ? (map as Attachment) : {});
}

function textsOf(list: unknown): string[] {
  return Array.isArray(list) ? sortedOnce(list.map(String)) : [];
}
