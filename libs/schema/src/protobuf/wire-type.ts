import { type DescField, ScalarType } from '@bufbuild/protobuf';

export const wireType = { varint: 0, bit64: 1, lengthDelimited: 2, startGroup: 3, endGroup: 4, bit32: 5 } as const;

const bit64: readonly ScalarType[] = [ScalarType.DOUBLE, ScalarType.FIXED64, ScalarType.SFIXED64];
const bit32: readonly ScalarType[] = [ScalarType.FLOAT, ScalarType.FIXED32, ScalarType.SFIXED32];
const delimited: readonly ScalarType[] = [ScalarType.STRING, ScalarType.BYTES];

/** The wire type of a field that is not repeated. */
export function wireTypeOf(field: DescField): number {
  if (field.fieldKind === 'enum') return wireType.varint;
  if (field.fieldKind !== 'scalar') return wireType.lengthDelimited;
  if (bit64.includes(field.scalar)) return wireType.bit64;
  if (bit32.includes(field.scalar)) return wireType.bit32;
  return delimited.includes(field.scalar) ? wireType.lengthDelimited : wireType.varint;
}
