import { isObject } from '../json/dialect.ts';

/** What a registry keeps beside the text of a schema, as it answers it. */
export interface Contract {
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly ruleSet: Readonly<Record<string, unknown>> | null;
}

/** What goes with a schema's text wherever it goes; nothing where there is neither. */
export function contractOf({ metadata, ruleSet }: Contract): { readonly contract?: Contract } {
  return metadata === null && ruleSet === null ? {} : { contract: { metadata, ruleSet } };
}

/** When a rule runs: on the way of a record, or on that from one version of its schema to the next or to the one before. */
export type RuleMoment = 'WRITE' | 'READ' | 'UPGRADE' | 'DOWNGRADE';

export function isMigration(moment: RuleMoment): boolean {
  return moment === 'UPGRADE' || moment === 'DOWNGRADE';
}

export interface Rule {
  readonly name: string;
  readonly doc: string;
  readonly kind: 'CONDITION' | 'TRANSFORM';
  readonly type: string;
  /** It is one of the encoding: of the bytes, not of what they say. */
  readonly ofBytes: boolean;
  readonly tags: readonly string[];
  readonly params: Readonly<Record<string, string>>;
  readonly expr: string;
  readonly onSuccess: RuleAction;
  readonly onFailure: RuleAction;
}

/** `NONE` lets the record pass; anything else keeps it back. */
export type RuleAction = 'NONE' | 'ERROR' | 'DLQ';

/**
 * The rules that run at a moment, in the order in which they run: those of the domain, then those of the encoding, and for readers the
 * other way round, as on the way to an earlier version. None where the registry is to run them by itself.
 */
export function rulesAt(moment: RuleMoment, { ruleSet }: Contract): Rule[] {
  const enabledAt = ruleSet?.['enableAt'] ?? 'ALL';
  if (enabledAt !== 'ALL' && enabledAt !== 'CLIENT') return [];
  const lists = isMigration(moment) ? ['migrationRules'] : ['domainRules', 'encodingRules'];
  const rules = lists.flatMap((name) => {
    const given = Array.isArray(ruleSet?.[name]) ? (ruleSet[name] as Json[]) : [];
    const running = given.filter((rule) => isAt(moment, rule) && rule['disabled'] !== true);
    return running.map((rule) => ({ ...readRule(rule, moment), ofBytes: name === 'encodingRules' }));
  });
  return moment === 'READ' || moment === 'DOWNGRADE' ? rules.reverse() : rules;
}

type Json = Readonly<Record<string, unknown>>;

function isAt(moment: RuleMoment, { mode = 'WRITEREAD' }: Json): boolean {
  return mode === moment || mode === (isMigration(moment) ? 'UPDOWN' : 'WRITEREAD');
}

function readRule(rule: Json, moment: RuleMoment): Omit<Rule, 'ofBytes'> {
  const text = (name: string): string => (typeof rule[name] === 'string' ? rule[name] : '');
  return {
    name: text('name'),
    doc: text('doc'),
    kind: rule['kind'] === 'CONDITION' ? 'CONDITION' : 'TRANSFORM',
    type: text('type'),
    tags: Array.isArray(rule['tags']) ? rule['tags'].map(String) : [],
    params: isObject(rule['params']) ? (rule['params'] as Readonly<Record<string, string>>) : {},
    expr: text('expr'),
    onSuccess: actionOf(text('onSuccess'), moment) ?? 'NONE',
    onFailure: actionOf(text('onFailure'), moment) ?? 'ERROR',
  };
}

/** `NONE,DLQ`: the first counts for writers and on the way up, the second for readers and on the way down. Others keep records back. */
function actionOf(text: string, moment: RuleMoment): RuleAction | undefined {
  const [write = '', read = write] = text.split(',').map((part) => part.trim().toUpperCase());
  const action = moment === 'WRITE' || moment === 'UPGRADE' ? write : read;
  if (action === '') return undefined;
  return action === 'NONE' || action === 'DLQ' ? action : 'ERROR';
}
