import { type Expression, expressionOf } from './compile.ts';
import { nearestOf } from './nearest.ts';
import { parseExpression, type Tree } from './parse.ts';
import { refuse } from './problems.ts';
import type { Scope } from './scope.ts';

/** `mean(co2Ppm)`: a macro over many rows, and the expression that is evaluated for each of them. */
export interface AggregateExpression<Kind extends string> {
  readonly kind: Kind;
  readonly operand: Expression;
}

/** Compiles one aggregate over an expression. Throws `expressions.refused`. */
export function compileAggregate<Kind extends string>(
  text: string,
  kinds: readonly Kind[],
  scope: Scope,
): AggregateExpression<Kind> {
  const parsed = parseExpression(text);
  const { exprKind } = parsed.tree;
  const offset = parsed.offsetOf(parsed.tree);
  const expected = `expected one aggregate such as ${kinds[0]}(…)`;
  if (exprKind.case !== 'callExpr') throw refuse(expected, { offset });
  const { function: name, target, args } = exprKind.value;
  const kind = kinds.find((candidate) => candidate === name);
  if (kind === undefined || target !== undefined) {
    if (!/^[A-Za-z]/.test(name)) throw refuse(`${expected}; compute with it in a later step`, { offset });
    throw refuse(`there is no aggregate ${name}; aggregates: ${kinds.join(', ')}`, {
      offset,
      suggestion: nearestOf(name, kinds),
    });
  }
  const [argument, more] = args as Tree[];
  if (argument === undefined || more !== undefined) throw refuse(`${kind} takes one expression, got ${args.length}`, { offset });
  return { kind, operand: expressionOf(parsed, argument, scope) };
}
