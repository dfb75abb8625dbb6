import type { Evaluate, Node, Place } from './node.ts';
import { refuse } from './problems.ts';
import { nounOf, type ValueType } from './value-type.ts';

/** `&&` and `||`: one side that decides wins over an error of the other, whichever side it is. */
export function junction(operator: '&&' | '||', [left, right]: readonly [Node, Node], place: Place): Node {
  for (const operand of [left, right]) expectBool(operator, operand);
  const deciding = operator === '||';
  const evaluate: Evaluate = (rows, row) => {
    const a = left.evaluate(rows, row);
    if (a === deciding) return deciding;
    const b = right.evaluate(rows, row);
    if (b === deciding) return deciding;
    return typeof a === 'boolean' && typeof b === 'boolean' ? !deciding : undefined;
  };
  return { type: 'bool', nullable: left.nullable || right.nullable, ...place, evaluate };
}

export function complement(operand: Node, place: Place): Node {
  expectBool('!', operand);
  const evaluate: Evaluate = (rows, row) => {
    const value = operand.evaluate(rows, row);
    return typeof value === 'boolean' ? !value : undefined;
  };
  return { type: 'bool', nullable: operand.nullable, ...place, evaluate };
}

/** `condition ? then : otherwise`, of one type; `null` may stand for either. Only the chosen side is evaluated. */
export function choice(condition: Node, [then, otherwise]: readonly [Node, Node], place: Place): Node {
  expectBool('?', condition);
  const type = commonType(then, otherwise, place);
  const pick = (rows: Parameters<Evaluate>[0], row: number): Evaluate | null => {
    const chosen = condition.evaluate(rows, row);
    return typeof chosen === 'boolean' ? (chosen ? then : otherwise).evaluate : null;
  };
  const evaluate: Evaluate = (rows, row) => pick(rows, row)?.(rows, row);
  return { type, nullable: condition.nullable || then.nullable || otherwise.nullable, ...place, evaluate };
}

function commonType(then: Node, otherwise: Node, place: Place): ValueType {
  if (then.type === otherwise.type || otherwise.type === 'null') return then.type;
  if (then.type === 'null') return otherwise.type;
  const operands = `${then.text} is ${nounOf(then.type)}, ${otherwise.text} is ${nounOf(otherwise.type)}`;
  throw refuse(`both sides of ? : need one type: ${operands}`, place);
}

function expectBool(operator: string, { type, text, offset }: Node): void {
  if (type !== 'bool') throw refuse(`${operator} takes a bool, ${text} is ${nounOf(type)}`, { offset });
}
