import type { Binding, Field, FieldType, Rows, Slot } from '@penstock/kernel';
import type { z } from 'zod';
import type { OpenTransform } from './transform.ts';

/** A place within a component's own settings: `['ranges', 'co2Ppm']`. */
export type SettingPath = readonly (string | number)[];

/** An expression that was typed against the columns that come in. */
export interface TypedExpression {
  readonly type: FieldType;
  readonly nullable: boolean;
  /** The unit of a column that stands alone. */
  readonly unit?: string;
  /** The value for a row; null or undefined where there is none. */
  evaluate(rows: Rows, row: number): unknown;
  /** The value of a numeric expression as a column holds it, NaN where there is none; null for other types. */
  readonly number: ((rows: Rows, row: number) => number) | null;
}

export interface TypedAggregate<Kind extends string> {
  readonly kind: Kind;
  readonly operand: TypedExpression;
}

/** What is known of an input of a registered model. */
export interface KnownInput {
  readonly name: string;
  readonly type: 'number' | 'integer' | 'boolean';
  readonly unit?: string | undefined;
}

/**
 * What a component is told about the place where it stands, and how it says what is wrong there. Whoever asks for something that
 * is not there gets null: the complaint, with the word that was probably meant, has been made.
 */
export interface Typing {
  readonly stage: string;
  /** The columns that come in, in the order of their schema. */
  readonly columns: readonly Binding[];
  /** True where ids are functions of what came in, so that a repetition can be recognised. */
  readonly isIdentified: boolean;
  /** A column by its name. */
  column(name: string, at: SettingPath): Binding | null;
  /** A CEL expression over the columns that come in, or over those that are given. */
  expression(text: string, at: SettingPath, columns?: readonly Binding[]): TypedExpression | null;
  /** One aggregate, such as `mean(co2Ppm)`, of the kinds that the component knows. */
  aggregate<Kind extends string>(text: string, kinds: readonly Kind[], at: SettingPath): TypedAggregate<Kind> | null;
  /** The inputs of the model that an alias points at; null where that is not known. */
  model(name: string, alias: string): readonly KnownInput[] | null;
  /** A new column, filled by nobody else. */
  add(field: Field): Slot;
  complain(at: SettingPath, message: string, suggestion?: string): void;
}

/** What a transform keeps between batches: nothing, ids that were seen, or values by the record's key. */
export type TransformMemory = 'none' | 'ids' | 'keyed';

/** A component at its place in a stage. */
export interface TypedTransform<Context = unknown> {
  /** The columns behind it. */
  readonly columns: readonly Binding[];
  readonly memory: TransformMemory;
  /** The name of its store; a stage has one of a name. Null without memory. */
  readonly store: string | null;
  /** True where rows may end as late. */
  readonly knowsLate?: boolean;
  /** The model that it asks. */
  readonly predicts?: { readonly model: string; readonly alias: string };
  open(context: Context): OpenTransform;
}

/** A transform as documents know it. */
export interface TransformComponent<Config = unknown, Context = unknown> {
  /** The word in `via`. */
  readonly name: string;
  /** What it does, in one sentence. */
  readonly sentence: string;
  readonly config: z.ZodType<Config>;
  /** Types the settings against what comes in; null when complaints were made and nothing can be said of what comes out. */
  type(config: Config, typing: Typing): TypedTransform<Context> | null;
}

/** Declares a component; its settings' type follows from their schema. */
export function defineTransform<Config, Context = unknown>(
  component: TransformComponent<Config, Context>,
): TransformComponent<Config, Context> {
  return component;
}
