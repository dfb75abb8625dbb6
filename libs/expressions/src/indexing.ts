import type { Node, Place } from './node.ts';
import { refuse } from './problems.ts';
import { nounOf } from './value-type.ts';

/** `list[index]`, counted from 0; an error where the list is not that long. */
export function element(list: Node, index: Node, place: Place): Node {
  if (list.type !== 'list') throw refuse(`only lists have elements, ${list.text} is ${nounOf(list.type)}`, place);
  if (index.type !== 'int') throw refuse(`an element is counted by an int, ${index.text} is ${nounOf(index.type)}`, index);
  return {
    type: 'string',
    nullable: true,
    ...place,
    evaluate(rows, row) {
      const values = list.evaluate(rows, row);
      const at = index.evaluate(rows, row);
      return Array.isArray(values) && typeof at === 'number' ? (values as readonly string[])[at] : undefined;
    },
  };
}
