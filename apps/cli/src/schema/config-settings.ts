import { readFileSync } from 'node:fs';
import { messageOf } from '@penstock/kernel';
import { compatibilityLevels } from '@penstock/schema';
import type { Options, Values } from '../command-line/command.ts';
import { badFile, notFound, wrongUsage } from '../command-line/problems.ts';
import { parseWord } from './parse-word.ts';
import type { Config } from './registry-door.ts';

const json = 'file.json';

/** An option for each setting. An empty text takes away what is set. */
export const configOptions = {
  compatibility: { type: 'string', short: 'c', value: 'level', says: compatibilityLevels.join(', ') },
  policy: { type: 'string', value: 'strict|lenient', says: 'how JSON Schemas are compared' },
  group: {
    type: 'string',
    value: 'property',
    says: 'versions are compared with those alone that have the same value of this metadata',
  },
  alias: { type: 'string', value: 'subject', says: 'the subject that this name stands for' },
  normalize: { type: 'string', value: 'on|off', says: 'what is the same but for order, spacing and spelling is the same schema' },
  'validate-fields': { type: 'string', value: 'on|off', says: 'names of fields that are reserved are refused' },
  guard: { type: 'string', value: 'on|off', says: 'versions that break deployed pipelines are refused' },
  'default-metadata': { type: 'string', value: json, says: 'metadata of new versions that say none themselves' },
  'override-metadata': { type: 'string', value: json, says: 'metadata of new versions, whatever they say' },
  'default-rules': { type: 'string', value: json, says: 'the rule set of new versions that say none themselves' },
  'override-rules': { type: 'string', value: json, says: 'the rule set of new versions, whatever they say' },
} as const satisfies Options;

/** What the options ask for; null takes a setting away. Throws `cli.wrong-usage`, `cli.not-found` and `cli.bad-file`. */
export function configChangeOf(values: Values<typeof configOptions>): Partial<Config> {
  const { compatibility, policy, group, alias, normalize, guard } = values;
  return withoutUndefined({
    compatibility: compatibility === undefined ? undefined : parseWord(compatibility, compatibilityLevels, '--compatibility'),
    compatibilityPolicy: filled(policy, (text) => parseWord(text, ['STRICT', 'LENIENT'], '--policy')),
    compatibilityGroup: filled(group, String),
    alias: filled(alias, String),
    normalize: normalize === undefined ? undefined : parseSwitch(normalize, '--normalize'),
    validateFields: filled(values['validate-fields'], (text) => parseSwitch(text, '--validate-fields')),
    guard: guard === undefined ? undefined : parseSwitch(guard, '--guard'),
    defaultMetadata: filled(values['default-metadata'], readObject),
    overrideMetadata: filled(values['override-metadata'], readObject),
    defaultRuleSet: filled(values['default-rules'], readObject),
    overrideRuleSet: filled(values['override-rules'], readObject),
  });
}

/** Every setting, in the order in which they are shown. */
export const configNames = [
  ...(['compatibility', 'compatibilityPolicy', 'compatibilityGroup', 'alias', 'normalize', 'validateFields', 'guard'] as const),
  ...(['defaultMetadata', 'overrideMetadata', 'defaultRuleSet', 'overrideRuleSet'] as const),
] satisfies readonly (keyof Config)[];

function withoutUndefined(change: { readonly [Name in keyof Config]: Config[Name] | undefined }): Partial<Config> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function filled<Value>(text: string | undefined, parse: (text: string) => Value): Value | null | undefined {
  if (text === undefined) return undefined;
  return text === '' ? null : parse(text);
}

function parseSwitch(text: string, option: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw wrongUsage(`${option}: expected on or off, got ${JSON.stringify(text)}`);
}

function readObject(file: string): Readonly<Record<string, unknown>> {
  const value = parse(file, textOf(file));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw badFile(`${file}: expected a JSON object`, { facts: { file } });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw notFound(`${file} cannot be read: ${messageOf(cause)}`, { cause, facts: { file } });
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw badFile(`${file}: not JSON: ${messageOf(cause)}`, { cause, facts: { file } });
  }
}
