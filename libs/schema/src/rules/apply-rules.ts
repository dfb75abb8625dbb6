import { messageOf } from '@penstock/kernel';
import { brokenRule } from '../problems.ts';
import type { Schema } from '../schema.ts';
import { celExecutors, registryOf } from './cel-executors.ts';
import { compileCel } from './cel-rule.ts';
import { type Contract, isMigration, type Rule, type RuleMoment, rulesAt } from './contract.ts';
import type { Awaitable, OpenedRule, RuleExecutor, RuleUse } from './executor.ts';
import { runOnFields } from './field-rule.ts';
import { openFieldSites } from './field-sites.ts';
import { jsonataExecutor } from './jsonata-executor.ts';
import { compileJsonata } from './jsonata-rule.ts';
import { Passage, type ReadyRule, type RecordForm, ruleFacts } from './passage.ts';
import { openRecordForm } from './record-form.ts';

/** The rules of a schema at a moment. */
export interface CompiledRules {
  /** True where `run` may answer a promise. */
  readonly waits: boolean;
  /** True where some are of the bytes, which then are no record before. */
  readonly ofBytes: boolean;
  /** True where the schema's rules encrypt, so that nobody is told the values of its records. */
  readonly isSecret: boolean;
  /** The bytes of a record after its rules: the same where none changes it. Throws `schema.broken-rule`, and outages as they are. */
  run(body: Uint8Array): Awaitable<Uint8Array>;
}

export interface RuleSurroundings {
  /** Beside those that are built in, which they go before. */
  readonly executors?: readonly RuleExecutor[];
  readonly subject?: string | null;
}

/**
 * The rules of a schema at a moment, compiled; null where it has none. Rules see whole records, so that a record is read into an object
 * first, which a schema without rules is spared. A rule that nothing here can run counts as one that failed: its action says what
 * becomes of the record, and unless that is `NONE` the record is kept back.
 */
export function compileRules(schema: Schema, moment: RuleMoment, surroundings: Parted): CompiledRules | null {
  const { only } = surroundings;
  const rules = openRules(schema, { ...surroundings, moment }).filter(
    ({ rule: { ofBytes } }) => only === undefined || ofBytes === (only === 'encoding'),
  );
  if (rules.length === 0) return null;
  const way = { form: formOf(schema), rules, isSecret: isSecret(schema) };
  return {
    waits: rules.some(({ waits }) => waits),
    ofBytes: rules.some(({ rule }) => rule.ofBytes),
    isSecret: way.isSecret,
    run: (body) => new Passage(way, body).run(),
  };
}

/** Both parts of the rules, unless one is named. */
interface Parted extends RuleSurroundings {
  readonly only?: 'domain' | 'encoding';
}

/** The rules of a schema at a moment, ready to run. */
export function openRules(schema: Schema, at: Moment): OpenRule[] {
  const rules = schema.contract === undefined ? [] : rulesAt(at.moment, schema.contract);
  return rules.map((rule) => openRule(useOf(rule, schema, at), at.executors ?? []));
}

interface OpenRule extends ReadyRule {
  readonly waits: boolean;
}

const moments: readonly RuleMoment[] = ['WRITE', 'READ', 'UPGRADE', 'DOWNGRADE'];

/** Throws what is wrong with the expressions of a schema's rules; types that this build does not know say so when they run. */
export function checkRules(schema: Schema, contract: Contract): void {
  const registry = registryOf(schema);
  const known = new Set<string>();
  for (const rule of moments.flatMap((moment) => rulesAt(moment, contract))) {
    if (rule.ofBytes || known.has(`${rule.type} ${rule.expr}`)) continue;
    known.add(`${rule.type} ${rule.expr}`);
    try {
      if (celExecutors.some(({ type }) => type === rule.type)) compileCel(rule.expr, registry);
      if (rule.type === jsonataExecutor.type) compileJsonata(rule.expr);
    } catch (thrown) {
      throw brokenRule(`rule ${rule.name}: ${messageOf(thrown)}`, { facts: ruleFacts(rule), cause: thrown });
    }
  }
}

interface Moment extends RuleSurroundings {
  readonly moment: RuleMoment;
}

function useOf(rule: Rule, schema: Schema, { moment, subject = null }: Moment): RuleUse {
  const properties = Object(schema.contract?.metadata?.['properties']) as Readonly<Record<string, unknown>>;
  const parameter = (name: string): string | null => {
    const given = rule.params[name] ?? properties[name];
    return given === undefined || given === null ? null : String(given);
  };
  return { rule, moment, schema, subject, parameter };
}

/** What must not be written in clear is kept back where it cannot be sealed. */
const sealing: readonly string[] = ['ENCRYPT', 'ENCRYPT_PAYLOAD'];

/** True where some rule of the schema encrypts what is written, or decrypts what is read. */
export function isSecret({ contract }: { readonly contract?: Contract }): boolean {
  const rules = contract === undefined ? [] : [...rulesAt('WRITE', contract), ...rulesAt('READ', contract)];
  return rules.some(({ type }) => sealing.includes(type));
}

/** What cannot be made ready fails whenever it is run, so that the rule's own action decides. */
function openRule(use: RuleUse, executors: readonly RuleExecutor[]): OpenRule {
  const { rule, moment } = use;
  const seals = sealing.includes(rule.type);
  const mustHold = moment === 'WRITE' && seals;
  try {
    const opened = open(use, executors);
    return { rule, mustHold, isDiscreet: seals, step: stepOf(use, opened), waits: opened.waits };
  } catch (thrown) {
    const run = (): never => {
      throw thrown;
    };
    return { rule, mustHold, isDiscreet: true, step: { of: rule.ofBytes ? 'bytes' : 'record', run }, waits: false };
  }
}

function open(use: RuleUse, executors: readonly RuleExecutor[]): OpenedRule {
  const { type, ofBytes } = use.rule;
  const executor = [...executors, ...celExecutors, jsonataExecutor].find((each) => each.type === type);
  if (executor === undefined) throw new TypeError(`rules of type ${type} are not supported`);
  const opened = executor.open(use);
  if ((opened.of === 'bytes') !== ofBytes)
    throw new TypeError(`rules of type ${type} are none of ${ofBytes ? 'bytes' : 'records'}`);
  if (opened.of === 'record' || !isMigration(use.moment)) return opened;
  throw new TypeError(`rules of type ${type} do not migrate`);
}

function stepOf({ rule, schema }: RuleUse, opened: OpenedRule): ReadyRule['step'] {
  if (opened.of === 'record') return opened;
  if (opened.of === 'bytes') return { of: 'bytes', run: (body) => opened.run(body as Uint8Array) };
  return { of: 'fields', run: runOnFields(rule, opened, openFieldSites(schema)) };
}

/** Fails for every record where the schema has no such form. */
function formOf(schema: Schema): RecordForm {
  try {
    return openRecordForm(schema);
  } catch (thrown) {
    const fail = (): never => {
      throw thrown;
    };
    return { read: fail, write: fail, toJson: fail, fromJson: fail };
  }
}
