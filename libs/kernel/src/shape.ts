/**
 * What a column holds. `number`, `integer` and `time` (milliseconds since the epoch) live in a Float64Array in which NaN means
 * null: a NaN in a reading never gets that far, decoders reject it. Integers beyond 2^53 are rejected as well. The others are
 * plain values with null.
 */
export type FieldType = 'number' | 'integer' | 'time' | 'boolean' | 'string' | 'bytes';

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly nullable: boolean;
  /** UCUM code, where the schema names one. */
  readonly unit?: string;
}

/** The fields of a record at one place of a pipeline, in the order of their schema. Names are unique. */
export interface Shape {
  readonly name: string;
  readonly fields: readonly Field[];
}

export function isNumeric(type: FieldType): boolean {
  return type === 'number' || type === 'integer' || type === 'time';
}

export function fieldOf(shape: Shape, name: string): Field | undefined {
  return shape.fields.find((field) => field.name === name);
}
