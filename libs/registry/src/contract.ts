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
  const migrations = parseRules(migrationRules ?? [], /^(UPGRADE|DOWNGRADE|UPDOWN)$/);
  const domain = parseRules(domainRules ?? [], /^(WRITE|READ|WRITEREAD)$/);
  const encoding = parseRules(encodingRules ?? [], /^(WRITE|READ|WRITEREAD)$/);
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
  return parseRuleSet({ ...Object.fromEntries(merged), enableAt: stronger['enableAt'] ?? weaker['enableAt'] });
}

/** The value of a property, if there is one. */
export function propertyOf(metadata: Attachment | null, name: string): string | undefined {
  const value: unknown = Object(metadata?.['properties'])[name];
  return typeof value === 'string' ? value : undefined;
}

function parseRules(given: readonly Rule[], modes: RegExp): Attachment[] {
  const names = new Set<string>();
  return given.map((rule) => {
    const { name = '', mode } = rule;
    if (!/^[\p{L}_][\p{L}\p{Nd}_-]*$/u.test(name ?? ''))
      throw invalidRuleSet(`Invalid rule name '${name ?? ''}': expected a letter or _, then letters, digits, _ and -`);
    if (names.has(name ?? '')) throw invalidRuleSet(`Found rule with duplicate name '${name}'`);
    names.add(name ?? '');
    if (!rule.type) throw invalidRuleSet(`Missing rule type of '${name}'`);
    if (!modes.test(mode ?? 'WRITEREAD')) throw invalidRuleSet(`Rule '${name}' cannot be of mode ${mode ?? 'WRITEREAD'} here`);
    return storedRule(rule);
  });
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
