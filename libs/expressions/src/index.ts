export { type AggregateExpression, compileAggregate } from './aggregate.ts';
export { compile, type Expression } from './compile.ts';
export { editDistance, nearestOf } from './nearest.ts';
export type { Evaluate, EvaluateNumber, Value } from './node.ts';
export { expressionCharactersMax } from './parse.ts';
export { type Complaint, refusedExpression } from './problems.ts';
export { type ListBinding, type Scope, scopeOf } from './scope.ts';
export { fieldTypeOf, nounOf, type ValueType, valueTypeOf } from './value-type.ts';
