import type { Node, Place, Value } from './node.ts';
import type { Tree } from './parse.ts';
import { refuse } from './problems.ts';
import type { ValueType } from './value-type.ts';

type Constant = Extract<Tree['exprKind'], { case: 'constExpr' }>['value'];

/** A value that stands in the expression. */
export function literal({ constantKind: constant }: Constant, place: Place): Node {
  if (constant.case === 'int64Value') return exactInt(constant.value, place);
  if (constant.case === 'doubleValue') return double(constant.value, place);
  if (constant.case === 'stringValue') return valueNode('string', constant.value, place);
  if (constant.case === 'boolValue') return valueNode('bool', constant.value, place);
  if (constant.case === 'bytesValue') return valueNode('bytes', constant.value, place);
  if (constant.case === 'nullValue') return valueNode('null', null, place);
  if (constant.case === 'uint64Value') {
    const suggestion = String(constant.value);
    throw refuse(`uint is not compiled; write ${suggestion}`, { offset: place.offset, suggestion });
  }
  throw refuse(`${place.text} is not compiled`, place);
}

function exactInt(value: bigint, place: Place): Node {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return valueNode('int', number, place);
  throw refuse(`${value} is beyond 2^53 - 1, up to which whole numbers are exact; write a double: ${value}.0`, place);
}

function double(value: number, place: Place): Node {
  return { ...valueNode('double', value, place), number: () => value };
}

function valueNode(type: ValueType, value: Value, place: Place): Node {
  return { type, nullable: value === null, isPlain: true, ...place, literal: value, evaluate: () => value };
}
