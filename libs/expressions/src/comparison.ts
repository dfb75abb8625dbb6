import type { Evaluate, Node, Place, Value } from './node.ts';
import { refuse } from './problems.ts';
import { isNumber, nounOf } from './value-type.ts';

type Order = '<' | '<=' | '>' | '>=';

const orders: Readonly<Record<Order, (sign: number) => boolean>> = {
  '<': (sign) => sign < 0,
  '<=': (sign) => sign <= 0,
  '>': (sign) => sign > 0,
  '>=': (sign) => sign >= 0,
};

const ordered = ['string', 'bool', 'timestamp'];

/** Order of two numbers (int and double compare by value), strings (by code points), bools or timestamps. Null has no order. */
export function order(operator: Order, [left, right]: readonly [Node, Node], place: Place): Node {
  const areNumbers = isNumber(left.type) && isNumber(right.type);
  if (!areNumbers && (left.type !== right.type || !ordered.includes(left.type))) {
    throw refuse(`${operator} cannot order these: ${described(left, right)}`, place);
  }
  const compare = left.type === 'string' ? strings(operator, left, right) : numbers(operator, left, right);
  return { type: 'bool', nullable: left.nullable || right.nullable, ...place, evaluate: compare };
}

/** Equality; null equals null only. Two types that can never be equal are refused rather than answered false. */
export function equality(operator: '==' | '!=', [left, right]: readonly [Node, Node], place: Place): Node {
  const isSame = left.type === right.type || (isNumber(left.type) && isNumber(right.type));
  if (!isSame && left.type !== 'null' && right.type !== 'null') {
    throw refuse(`${operator} would always be ${operator === '!='}: ${described(left, right)}`, place);
  }
  const wanted = operator === '==';
  const evaluate: Evaluate = (rows, row) => {
    const a = left.evaluate(rows, row);
    const b = right.evaluate(rows, row);
    return a === undefined || b === undefined ? undefined : areEqual(a, b) === wanted;
  };
  return { type: 'bool', nullable: canFail(left) || canFail(right), ...place, evaluate };
}

/** `x in [a, b]` over values that stand in the expression, or over a list of strings. */
export function membership(left: Node, right: Node | readonly Node[], place: Place): Node {
  if ('type' in right) {
    if (right.type !== 'list' || left.type !== 'string') throw refuse(`in cannot find these: ${described(left, right)}`, place);
    const evaluate: Evaluate = (rows, row) => {
      const value = left.evaluate(rows, row);
      const list = right.evaluate(rows, row);
      return value === undefined || !Array.isArray(list) ? undefined : list.includes(value);
    };
    return { type: 'bool', nullable: true, ...place, evaluate };
  }
  for (const element of right) equality('==', [left, element], place); // types it
  const evaluate: Evaluate = (rows, row) => {
    const values = right.map((element) => element.evaluate(rows, row));
    const value = left.evaluate(rows, row);
    if (value === undefined || values.includes(undefined)) return undefined;
    return values.some((candidate) => areEqual(value, candidate as NonNullable<Value> | null));
  };
  return { type: 'bool', nullable: canFail(left) || right.some(canFail), ...place, evaluate };
}

/** Null is a value like others to an equality; what is not plain may also be an error, which spreads. */
function canFail({ nullable, isPlain }: Node): boolean {
  return nullable && isPlain !== true;
}

function numbers(operator: Order, { evaluate: left }: Node, { evaluate: right }: Node): Evaluate {
  const compare = numberOrders[operator];
  return (rows, row) => {
    const a = left(rows, row);
    const b = right(rows, row);
    return isComparable(a) && isComparable(b) ? compare(a, b) : undefined;
  };
}

type Comparable = number | boolean;

/** Not by sign: NaN is neither below nor above. */
const numberOrders: Readonly<Record<Order, (left: Comparable, right: Comparable) => boolean>> = {
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

function isComparable(value: Value): value is Comparable {
  return typeof value === 'number' || typeof value === 'boolean';
}

function strings(operator: Order, { evaluate: left }: Node, { evaluate: right }: Node): Evaluate {
  const judge = orders[operator];
  return (rows, row) => {
    const a = left(rows, row);
    const b = right(rows, row);
    return typeof a === 'string' && typeof b === 'string' ? judge(compareCodePoints(a, b)) : undefined;
  };
}

function areEqual(left: Exclude<Value, undefined>, right: Exclude<Value, undefined>): boolean {
  if (left instanceof Uint8Array) return right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  if (Array.isArray(left))
    return Array.isArray(right) && left.length === right.length && left.every((one, at) => one === right[at]);
  return left === right;
}

/** Negative, 0 or positive, by code points; JavaScript's own order is by UTF-16 units, which differs above the surrogates. */
export function compareCodePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

function rank(unit: number): number {
  if (unit < 0xd8_00) return unit;
  return unit < 0xe0_00 ? unit + 0x20_00 : unit - 0x8_00;
}

function described(left: Node, right: Node): string {
  return `${left.text} is ${nounOf(left.type)}, ${right.text} is ${nounOf(right.type)}`;
}
