import type { Evaluate, EvaluateNumber, Node, Place } from './node.ts';
import { refuse } from './problems.ts';
import { isNumber, nounOf } from './value-type.ts';

type Operator = '+' | '-' | '*' | '/' | '%';

/**
 * Arithmetic never mixes int and double, as in CEL: the message says which conversion to write. Ints are exact: a result
 * beyond 2^53 - 1 is an error, as one beyond 2^63 is in CEL; division of ints truncates.
 */
export function arithmetic(operator: Operator, [left, right]: readonly [Node, Node], place: Place): Node {
  const pair = `${left.type} ${right.type}`;
  if (pair === 'double double' && operator !== '%') return doubles(operator, [left, right], place);
  if (pair === 'int int')
    return { type: 'int', nullable: true, ...place, evaluate: ints(operator, left.evaluate, right.evaluate) };
  if (pair === 'string string' && operator === '+') return joined(left, right, place);
  throw refuse(mismatch(operator, left, right), { offset: place.offset, suggestion: conversionOf(left, right) });
}

export function negation(operand: Node, place: Place): Node {
  if (!isNumber(operand.type)) throw refuse(`- takes a number, ${operand.text} is ${nounOf(operand.type)}`, place);
  const { evaluate, number } = operand;
  const negated: Evaluate = (rows, row) => {
    const value = evaluate(rows, row);
    return typeof value === 'number' ? (operand.type === 'int' ? 0 - value : -value) : undefined;
  };
  const fast: { number?: EvaluateNumber } =
    number && operand.type === 'double' ? { number: (rows, row) => -number(rows, row) } : {};
  return { type: operand.type, nullable: operand.nullable, ...place, evaluate: negated, ...fast };
}

const doubleOperations: Readonly<Record<Exclude<Operator, '%'>, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
};

function doubles(operator: Exclude<Operator, '%'>, [left, right]: readonly [Node, Node], place: Place): Node {
  const operation = doubleOperations[operator];
  const evaluate: Evaluate = (rows, row) => {
    const a = left.evaluate(rows, row);
    const b = right.evaluate(rows, row);
    return typeof a === 'number' && typeof b === 'number' ? operation(a, b) : undefined;
  };
  const number = left.number && right.number ? fastDoubles(operator, left.number, right.number) : null;
  return { type: 'double', nullable: true, ...place, evaluate, ...(number ? { number } : {}) };
}

/** One closure for each operator, so that each stays small enough to be inlined. */
function fastDoubles(operator: Exclude<Operator, '%'>, left: EvaluateNumber, right: EvaluateNumber): EvaluateNumber {
  if (operator === '+') return (rows, row) => left(rows, row) + right(rows, row);
  if (operator === '-') return (rows, row) => left(rows, row) - right(rows, row);
  if (operator === '*') return (rows, row) => left(rows, row) * right(rows, row);
  return (rows, row) => left(rows, row) / right(rows, row);
}

/** `+ 0` turns the -0 that JavaScript knows, and CEL's ints do not, into 0. */
const intOperations: Readonly<Record<Operator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right + 0,
  '/': (left, right) => Math.trunc(left / right) + 0,
  '%': (left, right) => (left % right) + 0,
};

function ints(operator: Operator, left: Evaluate, right: Evaluate): Evaluate {
  const operation = intOperations[operator];
  return (rows, row) => {
    const a = left(rows, row);
    const b = right(rows, row);
    if (typeof a !== 'number' || typeof b !== 'number') return undefined;
    const result = operation(a, b);
    return Number.isSafeInteger(result) ? result : undefined; // division by zero gives no integer either
  };
}

function joined(left: Node, right: Node, place: Place): Node {
  const evaluate: Evaluate = (rows, row) => {
    const a = left.evaluate(rows, row);
    const b = right.evaluate(rows, row);
    return typeof a === 'string' && typeof b === 'string' ? a + b : undefined;
  };
  return { type: 'string', nullable: left.nullable || right.nullable, ...place, evaluate };
}

function mismatch(operator: Operator, left: Node, right: Node): string {
  const operands = `${left.text} is ${nounOf(left.type)}, ${right.text} is ${nounOf(right.type)}`;
  const conversion = conversionOf(left, right);
  if (conversion !== null) return `${operator} takes two of one type: ${operands}; write ${conversion}`;
  return `${operator} does not take these: ${operands}`;
}

/** What to write so that both have one type, or null where no conversion is the obvious one. */
function conversionOf(left: Node, right: Node): string | null {
  if (isNumber(left.type) && isNumber(right.type) && left.type !== right.type) {
    const int = left.type === 'int' ? left : right;
    return typeof int.literal === 'number' ? `${int.literal}.0` : `double(${int.text})`;
  }
  if (left.type === 'string' && right.type !== 'string') return convertible(right);
  return right.type === 'string' && left.type !== 'string' ? convertible(left) : null;
}

function convertible({ type, text }: Node): string | null {
  return type === 'list' || type === 'null' ? null : `string(${text})`;
}
