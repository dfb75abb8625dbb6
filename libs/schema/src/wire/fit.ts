import type { Binding, Field, FieldType } from '@penstock/kernel';
import { unfitColumn } from '../problems.ts';

/** Columns into which the values of a field can be read as they are. */
const readable: Readonly<Record<FieldType, readonly FieldType[]>> = {
  number: ['number'],
  integer: ['integer', 'number', 'time'],
  time: ['time', 'integer', 'number'],
  boolean: ['boolean'],
  string: ['string'],
  bytes: ['bytes'],
};

/** Throws `schema.unfit-column` when a column cannot hold what the field says. */
export function checkReadable(binding: Binding, field: Field): void {
  if (readable[field.type].includes(binding.field.type)) return;
  throw unfit(binding, `the schema says ${field.type}`);
}

/** A column may be written as any field that can take its values; whole numbers and ranges are checked row by row. */
export function checkWritable(binding: Binding, field: Field): void {
  const fits = readable[binding.field.type].includes(field.type) || (binding.field.type === 'number' && field.type === 'integer');
  if (!fits) throw unfit(binding, `the schema says ${field.type}`);
}

export function unfit({ field }: Binding, reason: string): Error {
  return unfitColumn(`${field.name}: the column is ${field.type}, ${reason}`, { facts: { field: field.name } });
}
