import type { Schema } from '../schema.ts';
import type { Rule, RuleMoment } from './contract.ts';

/** A value, or the promise of one where it has to be waited for. */
export type Awaitable<Value> = Value | Promise<Value>;

/**
 * Runs the rules of one type. What may have to be waited for, as keys, says `waits`: such rules run while a record is prepared, one after
 * the other, and cost no turn of the event loop where they answer at once. A problem with remedy `retry` is an outage, whatever the rule's
 * action says: the record waits. Anything else that is thrown is a rule that failed.
 */
export interface RuleExecutor {
  readonly type: string;
  /** Makes a rule ready, once for a schema. Throws where it can never run: it then fails for every record. */
  open(use: RuleUse): OpenedRule;
}

/** A rule where it is used. */
export interface RuleUse {
  readonly rule: Rule;
  readonly moment: RuleMoment;
  readonly schema: Schema;
  /** The subject that records are written or read under; null where nobody said so. */
  readonly subject: string | null;
  /** A parameter of the rule, else a property of the metadata; null where neither is given. */
  parameter(name: string): string | null;
}

export type OpenedRule = RecordRule | FieldRule | BytesRule;

/**
 * Of the whole record, as its form has it: an object in Avro and JSON, a reflected message of Protobuf. A condition answers true, a transform
 * what the record becomes; `skipped` has nothing to say.
 */
export interface RecordRule {
  readonly of: 'record';
  readonly waits: boolean;
  run(record: unknown): Awaitable<unknown>;
}

/** Of each scalar with one of the rule's tags, wherever it stands; answers as a record's rule does, for the value. */
export interface FieldRule {
  readonly of: 'fields';
  readonly waits: boolean;
  run(value: unknown, field: FieldFacts): Awaitable<unknown>;
}

/** Of the encoded record without its frame: rules of the encoding. */
export interface BytesRule {
  readonly of: 'bytes';
  readonly waits: boolean;
  run(body: Uint8Array): Awaitable<unknown>;
}

export interface FieldFacts {
  readonly name: string;
  /** `rooms.Reading.owner` in Avro and Protobuf, `$.owner` in JSON. */
  readonly fullName: string;
  /** `STRING`, `BYTES`, `LONG` …: that of the value itself, also where the field is a list or a union of it. */
  readonly typeName: string;
  readonly tags: readonly string[];
  /** The record that the field is in. */
  readonly message: unknown;
}

/** The answer of a rule whose guard does not hold. */
export const skipped = Symbol('skipped');
