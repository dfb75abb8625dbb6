import { type Binding, type Decoder, fieldOf, type Shape } from '@penstock/kernel';
import { unfit } from '../wire/fit.ts';
import { compileFill, parseObject, type UnknownFields } from './decoder.ts';

export interface ReadingOptions {
  /** Fields that the stage sets itself, from the MQTT topic for one: what a device says of them is not looked at. */
  readonly set?: ReadonlySet<string>;
  readonly unknownFields?: UnknownFields;
}

/**
 * Reads what devices publish: a JSON object by the record's shape. Whole numbers may come as numbers or, as proto3's JSON writes
 * 64-bit ones, as strings of digits. A field without presence that a device leaves out is a missing field, not a zero.
 */
export function createJsonReadingDecoder(shape: Shape, bindings: readonly Binding[], options: ReadingOptions = {}): Decoder {
  const set = options.set ?? new Set<string>();
  const read = bindings.filter(({ field }) => !set.has(field.name));
  for (const binding of read)
    if (fieldOf(shape, binding.field.name) === undefined) throw unfit(binding, `and ${shape.name} has no such field`);
  const columns = read.map((binding) => {
    const presence = binding.field.nullable ? ('optional' as const) : ('required' as const);
    return { binding, presence, name: binding.field.name, digitsAllowed: true };
  });
  const knownNames = options.unknownFields === 'reject' ? new Set(shape.fields.map(({ name }) => name)) : null;
  const fill = compileFill({ columns, knownNames });
  return { prepare: () => null, decode: (payload, rows, row) => fill(parseObject(payload), rows, row) };
}
