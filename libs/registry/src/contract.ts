import { z } from 'zod';
import { invalidRuleSet, invalidSchema } from './problems.ts';
import { sortedEntries, sortedOnce } from './sorted.ts';
import type { Attachment } from './stored-schema.ts';

const texts = z.array(z.string()).nullish();
const pairs = z.record(z.string(), z.string()).nullish();
const metadataShape = z.object({
  tags: z.record(z.string(), z.array(z.string())).nullish(),
  properties: pairs,
  sensitive: texts,
});
const ruleShape = z.object({
  name: z.string().nullish(),
  doc: z.string().nullish(),
  kind: z.enum(['TRANSFORM', 'CONDITION']).nullish(),
  mode: z.enum(['UPGRADE', 'DOWNGRADE', 'UPDOWN', 'WRITE', 'READ', 'WRITEREAD']).nullish(),
  type: z.string().nullish(),
  ...{ tags: texts, params: pairs },
  ...{ expr: z.string().nullish(), onSuccess: z.string().nullish(), onFailure: z.string().nullish() },
  disabled: z.boolean().nullish(),
});
type Rule = z.output<typeof ruleShape>;
const rules = z.array(ruleShape).nullish();
const ruleSetShape = z.object({
  migrationRules: rules,
  domainRules: rules,
  encodingRules: rules,
  enableAt: z.string().nullish(),
});

/** Metadata as it is stored: sorted, each once, without what says nothing. Throws `registry.invalid-schema`. */
export function parseMetadata(given: unknown): Attachment {
  const parsed = metadataShape.safeParse(given);
  if (!parsed.success) throw invalidSchema(`Invalid metadata: ${describe(parsed.error)}`);
  const { tags, properties, sensitive } = parsed.data;
  const tagged = Object.entries(tags ?? {}).map(([path, names]) => [path, sortedOnce(names)] as const);
  return withoutEmpty({
    tags: sortedByName(Object.fromEntries(tagged)),
    properties: sortedByName(properties ?? {}),
    sensitive: sortedOnce(sensitive ?? []),
  });
}

/** A rule set as it is stored, with the defaults of Confluent's registry. Throws `registry.invalid-rule-set`. */
export function parseRuleSet(given: unknown): Attachment {
  const parsed = ruleSetShape.safeParse(given);
  if (!parsed.success) throw invalidRuleSet(`Invalid rule set: ${describe(parsed.error)}`);
  const { migrationRules, domainRules, encodingRules, enableAt } = parsed.data;
  const names = new Set<string>();
  const [up, both] = [
    ['UPGRADE', 'DOWNGRADE', 'UPDOWN'],
    ['WRITE', 'READ', 'WRITEREAD'],
  ] as const;
  const migrations = parseRules(migrationRules ?? [], { kind: 'Migration', modes: up }, names);
  const domain = parseRules(domainRules ?? [], { kind: 'Domain', modes: both }, names);
  const encoding = parseRules(encodingRules ?? [], { kind: 'Encoding', modes: both }, names);
  return withoutEmpty({ migrationRules: migrations, domainRules: domain, encodingRules: encoding, enableAt: enableAt ?? '' });
}

/** What is stronger goes over what is weaker, name by name. Null: there is neither. */
export function mergeMetadata(weaker: Attachment | null, stronger: Attachment | null): Attachment | null {
  if (weaker === null || stronger === null) return stronger ?? weaker;
  const merged = (name: string): object => ({ ...Object(weaker[name]), ...Object(stronger[name]) });
  const sensitive = [...listIn(weaker, 'sensitive'), ...listIn(stronger, 'sensitive')];
  return parseMetadata({ tags: merged('tags'), properties: merged('properties'), sensitive });
}

/** Rules of both; of two with one name the stronger. Null: there is neither. */
export function mergeRuleSets(weaker: Attachment | null, stronger: Attachment | null): Attachment | null {
  if (weaker === null || stronger === null) return stronger ?? weaker;
  const merged = ['migrationRules', 'domainRules', 'encodingRules'].map((kind) => {
    const added = listIn(stronger, kind) as readonly Rule[];
    const names = new Set(added.map(({ name }) => name));
    const kept = (listIn(weaker, kind) as readonly Rule[]).filter(({ name }) => !names.has(name));
    return [kind, [...kept, ...added]] as const;
  });
  return withoutEmpty({ ...Object.fromEntries(merged), enableAt: stronger['enableAt'] ?? weaker['enableAt'] });
}

const versionProperty = 'confluent:version';

/** The version that metadata say they are of; null: none. */
export function versionIn(metadata: Attachment | null): number | null {
  const value = propertyOf(metadata, versionProperty);
  return value !== undefined && /^-?\d{1,10}$/.test(value) ? Number(value) : null;
}

/** Metadata that say which version they are of. */
export function withVersion(metadata: Attachment | null, version: number): Attachment {
  const properties = { ...Object(metadata?.['properties']), [versionProperty]: String(version) };
  return parseMetadata({ ...metadata, properties });
}

/** Metadata without that, empty where there is nothing else. */
export function withoutVersion(metadata: Attachment | null): Attachment {
  const { [versionProperty]: _, ...properties } = Object(metadata?.['properties']) as Record<string, unknown>;
  return parseMetadata({ ...metadata, properties });
}

/** The value of a property, if there is one. */
export function propertyOf(metadata: Attachment | null, name: string): string | undefined {
  const value: unknown = Object(metadata?.['properties'])[name];
  return typeof value === 'string' ? value : undefined;
}

/** The rules of a rule set, whose names are one another's. */
function parseRules(given: readonly Rule[], { kind, modes }: RuleKind, names: Set<string>): Attachment[] {
  if (given.length > rulesMax) throw invalidRuleSet(`${kind} rules: expected at most ${rulesMax}, got ${given.length}`);
  return given.map((rule) => {
    const { name, mode = 'WRITEREAD', type } = rule;
    if (name && names.has(name)) throw invalidRuleSet(`Found rule with duplicate name '${name}'`);
    checkName(name);
    names.add(name ?? '');
    if (!type) throw invalidRuleSet(`Missing rule type of '${name}'`);
    for (const action of [rule.onSuccess, rule.onFailure]) {
      const isList = action?.includes(',') === true;
      if (isList && mode !== 'WRITEREAD' && mode !== 'UPDOWN')
        throw invalidRuleSet(`Multiple actions only valid with WRITEREAD and UPDOWN: rule '${name}'`);
    }
    if (!modes.includes(mode ?? 'WRITEREAD'))
      throw invalidRuleSet(`${kind} rules can only be ${modes.join(', ')}: rule '${name}'`);
    return storedRule(rule);
  });
}

interface RuleKind {
  readonly kind: string;
  readonly modes: readonly string[];
}

/** Each is compiled before a schema is taken, and runs for every record. */
const rulesMax = 1_000;
const nameLengthMax = 256;

function checkName(name: string | null | undefined): void {
  if (name === undefined || name === null) throw invalidRuleSet('Missing rule name');
  if (name === '') throw invalidRuleSet('Empty rule name');
  if (name.length > nameLengthMax) throw invalidRuleSet('Rule name too long');
  if (!/^[\p{L}_]/u.test(name)) throw invalidRuleSet(`Illegal initial character in rule name: ${name}`);
  if (!/^.[\p{L}\p{Nd}_-]*$/u.test(name)) throw invalidRuleSet(`Illegal character in rule name: ${name}`);
}

function storedRule({ name, doc, kind, mode, type, tags, params, expr, onSuccess, onFailure, disabled }: Rule): Attachment {
  const said = withoutEmpty({
    ...{ name, doc, kind: kind ?? 'TRANSFORM', mode: mode ?? 'WRITEREAD', type },
    ...{ tags: sortedOnce(tags ?? []), params: sortedByName(params ?? {}), expr, onSuccess, onFailure },
  });
  return { ...said, disabled: disabled ?? false };
}

function listIn(attachment: Attachment, name: string): readonly unknown[] {
  return Array.isArray(attachment[name]) ? attachment[name] : [];
}

function sortedByName<Value>(map: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(sortedEntries(map));
}

function withoutEmpty(values: Readonly<Record<string, unknown>>): Attachment {
  const isEmpty = (value: unknown): boolean =>
    value === undefined || value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value)));
}

function describe({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}
