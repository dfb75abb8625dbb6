import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import type { Field, FieldType, Shape } from '@penstock/kernel';

/** The message's fields that are columns, named as in JSON. Repeated, map and message fields are none; a Timestamp is a time. */
export function shapeOfMessage(message: DescMessage): Shape {
  return { name: message.typeName, fields: message.fields.flatMap((field) => columnOf(field) ?? []) };
}

export function columnOf(field: DescField): Field | null {
  const type = columnType(field);
  if (type === null) return null;
  const unit = unitOf(field);
  const nullable =
    field.presence !== FeatureSet_FieldPresence.IMPLICIT && field.presence !== FeatureSet_FieldPresence.LEGACY_REQUIRED;
  return { name: field.jsonName, type, nullable, ...(unit === undefined ? {} : { unit }) };
}

export function isTimestamp(field: DescField): boolean {
  return field.fieldKind === 'message' && field.message.typeName === 'google.protobuf.Timestamp';
}

function columnType(field: DescField): FieldType | null {
  if (field.fieldKind === 'enum') return 'string';
  if (isTimestamp(field)) return 'time';
  return field.fieldKind === 'scalar' ? scalarColumn(field.scalar) : null;
}

function scalarColumn(scalar: ScalarType): FieldType {
  if (scalar === ScalarType.DOUBLE || scalar === ScalarType.FLOAT) return 'number';
  if (scalar === ScalarType.BOOL) return 'boolean';
  if (scalar === ScalarType.STRING) return 'string';
  return scalar === ScalarType.BYTES ? 'bytes' : 'integer';
}

/** A UCUM code in an option whose last name is `unit`: `[(sensors.unit) = "Cel"]`. */
function unitOf({ proto }: DescField): string | undefined {
  for (const { name, stringValue } of proto.options?.uninterpretedOption ?? []) {
    if (/(^|\.)unit$/.test(name.at(-1)?.namePart ?? '')) return new TextDecoder().decode(stringValue);
  }
  return undefined;
}
