import type { Binding, Shape, Slot } from '@penstock/kernel';

/** A column whose values are lists of strings, as the levels of an MQTT topic are. */
export interface ListBinding {
  readonly name: string;
  readonly slot: Slot;
}

/** What the names of an expression stand for: columns, and the slots in which they lie. */
export interface Scope {
  readonly columns: readonly Binding[];
  readonly lists?: readonly ListBinding[];
}

/** The scope in which the fields of a shape lie in slots from `firstSlot` on, in their order. */
export function scopeOf(shape: Shape, firstSlot: Slot = 0): Scope {
  return { columns: shape.fields.map((field, index) => ({ field, slot: firstSlot + index })) };
}

export function namesOfScope({ columns, lists = [] }: Scope): string[] {
  return [...columns.map(({ field }) => field.name), ...lists.map(({ name }) => name)];
}
