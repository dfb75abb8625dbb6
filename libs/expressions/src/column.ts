import { type Binding, isNumeric, type Slot } from '@penstock/kernel';
import type { Node, Place, Value } from './node.ts';
import type { ListBinding } from './scope.ts';
import { valueTypeOf } from './value-type.ts';

/** Reads a column. In a numeric one NaN is null. */
export function column({ field, slot }: Binding, place: Place): Node {
  const known = { type: valueTypeOf(field.type), nullable: field.nullable, isPlain: true, ...place };
  if (!isNumeric(field.type)) return { ...known, evaluate: (rows, row) => (rows.values(slot)[row] ?? null) as Value };
  const bare = field.type === 'number' ? { number: numberOf(slot) } : {};
  return { ...known, ...bare, evaluate: numberOrNull(slot) };
}

/** Reads a column of lists, such as the levels of an MQTT topic. */
export function listColumn({ slot }: ListBinding, place: Place): Node {
  return {
    type: 'list',
    nullable: false,
    isPlain: true,
    ...place,
    evaluate: (rows, row) => (rows.values(slot)[row] ?? []) as readonly string[],
  };
}

function numberOf(slot: Slot): NonNullable<Node['number']> {
  return (rows, row) => rows.numbers(slot)[row] as number;
}

function numberOrNull(slot: Slot): Node['evaluate'] {
  return (rows, row) => {
    const value = rows.numbers(slot)[row] as number;
    return Number.isNaN(value) ? null : value;
  };
}
