import type { FieldType } from '@penstock/kernel';

/** CEL's types, as far as they are compiled. `list` is a list of strings. */
export type ValueType = 'int' | 'double' | 'bool' | 'string' | 'bytes' | 'timestamp' | 'list' | 'null';

const typeOfField: Readonly<Record<FieldType, ValueType>> = {
  integer: 'int',
  number: 'double',
  boolean: 'bool',
  string: 'string',
  bytes: 'bytes',
  time: 'timestamp',
};

/** `number` is CEL's double, `integer` its int, `time` its timestamp (to the millisecond). */
export function valueTypeOf(type: FieldType): ValueType {
  return typeOfField[type];
}

/** The column type that holds values of a type; null for those that are no columns. */
export function fieldTypeOf(type: ValueType): FieldType | null {
  const found = Object.entries(typeOfField).find(([, valueType]) => valueType === type);
  return (found?.[0] as FieldType | undefined) ?? null;
}

const nouns: Readonly<Record<ValueType, string>> = {
  int: 'an int',
  double: 'a double',
  bool: 'a bool',
  string: 'a string',
  bytes: 'bytes',
  timestamp: 'a timestamp',
  list: 'a list of strings',
  null: 'null',
};

/** `a double`, `an int`: the type as a message says it. */
export function nounOf(type: ValueType): string {
  return nouns[type];
}

export function isNumber(type: ValueType): boolean {
  return type === 'int' || type === 'double';
}
