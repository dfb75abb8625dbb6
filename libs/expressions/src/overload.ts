import type { Evaluate, Node, Place, Value } from './node.ts';
import { refuse } from './problems.ts';
import { nounOf, type ValueType } from './value-type.ts';

/** One way to call a function: the types that it takes, in order. */
export interface Overload {
  readonly operands: readonly ValueType[];
  readonly type: ValueType;
  /** True when a value may have no answer, which `apply` says by undefined. */
  readonly canFail?: boolean;
  /** Gets values of exactly these types. */
  apply(...values: never[]): Value;
}

export interface Called {
  readonly name: string;
  readonly isMethod: boolean;
  /** For a method its target first. */
  readonly operands: readonly Node[];
}

/** The call of the overload that fits. Null and error of an operand are an error, as CEL has no overload for them. */
export function call(called: Called, overloads: readonly Overload[], place: Place): Node {
  const { operands } = called;
  const chosen = overloads.find(
    (overload) =>
      overload.operands.length === operands.length && overload.operands.every((type, at) => type === operands[at]?.type),
  );
  if (chosen === undefined) throw refuse(`${called.name} ${wanted(called, overloads)}, got ${given(operands)}`, place);
  const nullable = chosen.canFail === true || operands.some((operand) => operand.nullable);
  return { type: chosen.type, nullable, ...place, evaluate: evaluation(chosen, operands) };
}

type Apply = (...values: readonly Value[]) => Value;

function evaluation({ apply }: Overload, operands: readonly Node[]): Evaluate {
  const typed = apply as unknown as Apply;
  const [first, second] = operands.map(({ evaluate }) => evaluate);
  if (first === undefined) return () => typed();
  if (second === undefined) {
    return (rows, row) => {
      const value = first(rows, row);
      return value === null || value === undefined ? undefined : typed(value);
    };
  }
  return (rows, row) => {
    const one = first(rows, row);
    const other = second(rows, row);
    return one === null || one === undefined || other === null || other === undefined ? undefined : typed(one, other);
  };
}

function wanted({ isMethod }: Called, overloads: readonly Overload[]): string {
  const skipped = isMethod ? 1 : 0;
  const lists = overloads.map(({ operands }) => operands.slice(skipped).map(nounOf).join(' and ') || 'nothing');
  const on = isMethod ? ` on ${[...new Set(overloads.map(({ operands }) => nounOf(operands[0] ?? 'null')))].join(' or ')}` : '';
  return `takes ${[...new Set(lists)].join(', or ')}${on}`;
}

function given(operands: readonly Node[]): string {
  return operands.map(({ text, type }) => `${text}, which is ${nounOf(type)}`).join(' and ') || 'nothing';
}
