import { createRegistry, type Registry } from '@bufbuild/protobuf';
import { messageOf, Problem } from '@penstock/kernel';
import { brokenRule } from '../problems.ts';
import type { Schema } from '../schema.ts';
import { compileCel, type Evaluate, skipped } from './cel-rule.ts';
import { type Contract, type Rule, type RuleMoment, rulesAt } from './contract.ts';
import { fieldPlacesOf } from './field-places.ts';
import { runOnFields } from './field-rule.ts';
import { openRecordForm, type RecordForm } from './record-form.ts';

/** The bytes of a record after its rules: the same where none changes it. Throws `schema.broken-rule`. */
export type ApplyRules = (body: Uint8Array) => Uint8Array;

interface OpenRule {
  readonly rule: Rule;
  readonly run: Evaluate;
  /** It changes the message that it is given. */
  readonly inPlace: boolean;
}

interface Ruled {
  readonly schema: Schema;
  readonly contract: Contract;
  /** The types that a Protobuf schema declares. */
  readonly registry: Registry | undefined;
}

/**
 * The rules of a schema at a moment, compiled; null where it has none. Rules see whole records, so that a record is read into an object
 * first, which a schema without rules is spared. A rule that this build cannot run counts as one that failed: its action says what
 * becomes of the record, and unless that is `NONE` the record is kept back.
 */
export function compileRules(schema: Schema, contract: Contract, moment: RuleMoment): ApplyRules | null {
  const rules = rulesAt(moment, contract);
  if (rules.length === 0) return null;
  const ruled = { schema, contract, registry: registryOf(schema) };
  const opened = rules.map((rule) => openRule(rule, ruled));
  const changesInPlace = opened.some(({ inPlace }) => inPlace);
  const form = formOf(schema);
  return (body) => {
    const record = read(form, body, opened);
    if (record === null) return body;
    const changed = opened.reduce<unknown>((value, each) => apply(each, value), record.value);
    return changed === record.value && !changesInPlace ? body : write(form, changed, opened);
  };
}

/** Throws what is wrong with the expressions of a schema's rules; types that this build does not know say so when they run. */
export function checkRules(schema: Schema, contract: Contract): void {
  const registry = registryOf(schema);
  for (const rule of [...rulesAt('WRITE', contract), ...rulesAt('READ', contract)]) {
    if (!isCel(rule)) continue;
    try {
      compileCel(rule.expr, registry);
    } catch (thrown) {
      throw brokenRule(`rule ${rule.name}: ${messageOf(thrown)}`, { facts: factsOf(rule), cause: thrown });
    }
  }
}

function registryOf(schema: Schema): Registry | undefined {
  return schema.format === 'PROTOBUF' ? createRegistry(schema.file) : undefined;
}

function isCel({ type, ofBytes }: Rule): boolean {
  return (type === 'CEL' || type === 'CEL_FIELD') && !ofBytes;
}

/** What cannot be compiled fails whenever it is run, so that the rule's own action decides. */
function openRule(rule: Rule, ruled: Ruled): OpenRule {
  const inPlace = rule.type === 'CEL_FIELD' && rule.kind === 'TRANSFORM' && ruled.schema.format === 'PROTOBUF';
  try {
    return { rule, run: compileRule(rule, ruled), inPlace };
  } catch (thrown) {
    const run = (): never => {
      throw thrown;
    };
    return { rule, run, inPlace: false };
  }
}

function compileRule(rule: Rule, { schema, contract, registry }: Ruled): Evaluate {
  if (!isCel(rule)) throw new TypeError(`rules of type ${rule.type}${rule.ofBytes ? ' of the encoding' : ''} are not supported`);
  const evaluate = compileCel(rule.expr, registry);
  if (rule.type === 'CEL') return evaluate;
  const run = runOnFields(rule, evaluate, fieldPlacesOf(schema, contract));
  return ({ message }) => (rule.kind === 'CONDITION' ? run(message) !== undefined : run(message));
}

/** Fails for every record where the schema has no such form. */
function formOf(schema: Schema): RecordForm {
  try {
    return openRecordForm(schema);
  } catch (thrown) {
    const fail = (): never => {
      throw thrown;
    };
    return { read: fail, write: fail };
  }
}

/** Null where it cannot be read and no rule minds: the codec says what is wrong with it. */
function read(form: RecordForm, body: Uint8Array, rules: readonly OpenRule[]): { readonly value: unknown } | null {
  try {
    return { value: form.read(body) };
  } catch (thrown) {
    const minding = rules.find(({ rule }) => rule.onFailure !== 'NONE');
    if (minding !== undefined) throw broken(minding.rule, messageOf(thrown), thrown);
    return null;
  }
}

function write(form: RecordForm, record: unknown, rules: readonly OpenRule[]): Uint8Array {
  try {
    return form.write(record);
  } catch (thrown) {
    const last = rules.findLast(({ rule }) => rule.kind === 'TRANSFORM') as OpenRule;
    throw broken(last.rule, `what it makes is no record of the schema: ${messageOf(thrown)}`, thrown);
  }
}

function apply({ rule, run }: OpenRule, value: unknown): unknown {
  let result: unknown;
  try {
    result = run({ message: value });
  } catch (thrown) {
    if (rule.onFailure === 'NONE') return value;
    throw broken(rule, messageOf(thrown), thrown);
  }
  if (result === skipped) return value;
  const fails = rule.kind === 'CONDITION' ? result !== true : result === null || result === undefined;
  if ((fails ? rule.onFailure : rule.onSuccess) !== 'NONE')
    throw broken(rule, fails ? 'it does not hold' : 'it keeps back what it succeeds with');
  return fails || rule.kind === 'CONDITION' ? value : result;
}

function broken(rule: Rule, message: string, cause?: unknown): Problem {
  const doc = rule.doc === '' ? '' : ` (${rule.doc})`;
  return brokenRule(`rule ${rule.name}${doc}: ${message}: ${rule.expr}`, { facts: factsOf(rule), cause });
}

function factsOf({ name, type, expr }: Rule): { rule: string; ruleType: string; ruleExpr: string } {
  return { rule: name, ruleType: type, ruleExpr: expr };
}
