import { messageOf, Problem } from '@penstock/kernel';
import { brokenRule } from '../problems.ts';
import type { Rule } from './contract.ts';
import { type Awaitable, skipped } from './executor.ts';

/** A record as rules see it, whole: what columns leave out is there too. */
export interface RecordForm {
  read(body: Uint8Array): unknown;
  /** What was read, changed or not. Throws where it is no record of the schema any more. */
  write(record: unknown): Uint8Array;
  /** The record as JSON, in the way of Confluent's clients, but for bytes and long integers of Avro, which stay what they are. */
  toJson(record: unknown): unknown;
  /** Throws where it is no record of the schema, or later when that is written. */
  fromJson(json: unknown): unknown;
  /** True where what is written is of another schema than what is read: then a record is written anew in any case. */
  readonly converts?: boolean;
  /** Told when a transform made another record of one, where what it left alone is to stay as it was written. */
  replacing?(before: unknown, after: unknown): void;
}

/** A rule that is ready to run, of bytes or of what they say. */
export interface ReadyRule {
  readonly rule: Rule;
  /** No failure of it lets a record pass, whatever its action says. */
  readonly mustHold: boolean;
  /** What it throws says nothing of a record's values, so that it may be told of those that are encrypted, too. */
  readonly isDiscreet: boolean;
  readonly step:
    | { readonly of: 'record' | 'bytes'; run(value: unknown): Awaitable<unknown> }
    /** Answers whether it changed the record. */
    | { readonly of: 'fields'; run(record: unknown): Awaitable<boolean> };
}

/** What records go through. */
export interface Way {
  readonly form: RecordForm;
  readonly rules: readonly ReadyRule[];
  /** True where a schema's rules encrypt: what went wrong with a record is then told without its values, for it lands in Kafka and in logs. */
  readonly isSecret: boolean;
}

/** A failure that is told in words which say nothing of a record's values. */
export class DiscreetFailure extends TypeError {}

/** One record on its way through its rules: its bytes, or what was read from them and may have changed since. */
export class Passage {
  readonly #form: RecordForm;
  readonly #rules: readonly ReadyRule[];
  readonly #isSecret: boolean;
  #bytes: Uint8Array;
  #record: { value: unknown; changed: boolean } | null = null;

  constructor({ form, rules, isSecret }: Way, bytes: Uint8Array) {
    this.#form = form;
    this.#rules = rules;
    this.#isSecret = isSecret;
    this.#bytes = bytes;
  }

  /** The bytes after all rules; a promise only where one of them is waited for. Throws `schema.broken-rule`. */
  run(first = 0): Awaitable<Uint8Array> {
    for (let index = first; index < this.#rules.length; index += 1) {
      const waiting = this.#step(this.#rules[index] as ReadyRule);
      if (waiting !== null) return waiting.then(() => this.run(index + 1));
    }
    return this.#written();
  }

  #step(ready: ReadyRule): Promise<void> | null {
    let result: Awaitable<unknown>;
    try {
      const given = ready.step.of === 'bytes' ? this.#written() : this.#read();
      if (given === unreadable) return null;
      result = ready.step.run(given);
    } catch (thrown) {
      this.#failed(ready, thrown);
      return null;
    }
    if (result instanceof Promise) {
      return result.then(
        (answer) => this.#settle(ready, answer),
        (thrown: unknown) => this.#failed(ready, thrown),
      );
    }
    this.#settle(ready, result);
    return null;
  }

  #settle(ready: ReadyRule, result: unknown): void {
    const { rule, step } = ready;
    if (result === skipped) return;
    const isCondition = rule.kind === 'CONDITION';
    if (step.of === 'fields') {
      if (this.#record !== null && result === true) this.#record.changed = true;
    } else {
      const fails = isCondition ? result !== true : result === null || result === undefined;
      if (fails) return this.#failed(ready, new DiscreetFailure('it does not hold'));
      if (!isCondition) this.#replace(ready, result);
    }
    if (rule.onSuccess !== 'NONE') throw broken(rule, 'it keeps back what it succeeds with');
  }

  #replace(ready: ReadyRule, result: unknown): void {
    if (ready.step.of === 'bytes') {
      if (!(result instanceof Uint8Array)) return this.#failed(ready, new DiscreetFailure('it makes no bytes'));
      this.#bytes = result;
      this.#record = null;
    } else if (this.#record !== null && result !== this.#record.value) {
      this.#form.replacing?.(this.#record.value, result);
      this.#record = { value: result, changed: true };
    }
  }

  /** An outage is waited out; else the rule's action says what becomes of the record. */
  #failed({ rule, mustHold, isDiscreet }: ReadyRule, thrown: unknown): void {
    if (thrown instanceof Problem && (thrown.remedy === 'retry' || brokenRule.caused(thrown))) throw thrown;
    if (rule.onFailure !== 'NONE' || mustHold) throw this.#broken(rule, thrown, { isDiscreet });
  }

  #broken(rule: Rule, thrown: unknown, { isDiscreet = false, what = '' } = {}): Problem {
    const told = !this.#isSecret || isDiscreet || thrown instanceof Problem || thrown instanceof DiscreetFailure;
    if (told) return broken(rule, `${what}${messageOf(thrown)}`, thrown);
    return broken(rule, `${what}it fails, and how is not told of what is encrypted`);
  }

  /** What cannot be read passes where no rule minds: the codec says what is wrong with it. */
  #read(): unknown {
    if (this.#record !== null) return this.#record.value;
    try {
      this.#record = { value: this.#form.read(this.#bytes), changed: this.#form.converts === true };
      return this.#record.value;
    } catch (thrown) {
      const minding = this.#rules.find(
        ({ rule, step, mustHold }) => step.of !== 'bytes' && (mustHold || rule.onFailure !== 'NONE'),
      );
      if (minding !== undefined) throw this.#broken(minding.rule, thrown);
      return unreadable;
    }
  }

  #written(): Uint8Array {
    if (this.#record?.changed) {
      this.#bytes = this.#write(this.#record.value);
      this.#record = null;
    }
    return this.#bytes;
  }

  #write(record: unknown): Uint8Array {
    try {
      return this.#form.write(record);
    } catch (thrown) {
      const ofRecords = this.#rules.filter(({ step }) => step.of !== 'bytes');
      const last = (ofRecords.findLast(({ rule }) => rule.kind === 'TRANSFORM') ?? ofRecords.at(-1)) as ReadyRule;
      throw this.#broken(last.rule, thrown, { what: 'what it makes is no record of the schema: ' });
    }
  }
}

const unreadable = Symbol('unreadable');

function broken(rule: Rule, message: string, cause?: unknown): Problem {
  const doc = rule.doc === '' ? '' : ` (${rule.doc})`;
  return brokenRule(`rule ${rule.name}${doc}: ${message}: ${rule.expr}`, { facts: ruleFacts(rule), cause });
}

/** What is said of a rule with a problem. */
export function ruleFacts({ name, type, expr }: Rule): { rule: string; ruleType: string; ruleExpr: string } {
  return { rule: name, ruleType: type, ruleExpr: expr };
}
