import { unparse } from '@bufbuild/cel';
import { arithmetic, negation } from './arithmetic.ts';
import { column, listColumn } from './column.ts';
import { equality, membership, order } from './comparison.ts';
import { functions, methods, uncompiled } from './functions.ts';
import { element } from './indexing.ts';
import { literal } from './literal.ts';
import { choice, complement, junction } from './logic.ts';
import { matching } from './matching.ts';
import { nearestOf } from './nearest.ts';
import type { Evaluate, EvaluateNumber, Node, Place } from './node.ts';
import { call } from './overload.ts';
import { type Parsed, parseExpression, type Tree } from './parse.ts';
import { refuse } from './problems.ts';
import { namesOfScope, type Scope } from './scope.ts';
import { isNumber, type ValueType } from './value-type.ts';

/** An expression that was typed against the columns of its stage and compiled to closures. */
export interface Expression {
  readonly text: string;
  readonly type: ValueType;
  /** False when it has a value for every row. */
  readonly nullable: boolean;
  /** Names of the columns and lists that it reads. */
  readonly names: ReadonlySet<string>;
  readonly evaluate: Evaluate;
  /** For numbers and timestamps: the value as a column holds it, NaN where there is none. Null for all other types. */
  readonly number: EvaluateNumber | null;
}

/** Compiles CEL. Throws `expressions.refused` for what is not CEL, does not type, or is not compiled by this build. */
export function compile(text: string, scope: Scope): Expression {
  const parsed = parseExpression(text);
  return expressionOf(parsed, parsed.tree, scope);
}

/** A part of a parsed text as an expression of its own. */
export function expressionOf(parsed: Parsed, tree: Tree, scope: Scope): Expression {
  const names = new Set<string>();
  const node = new Compilation(parsed, scope, names).node(tree);
  const { type, nullable, evaluate } = node;
  return { text: parsed.text, type, nullable, names, evaluate, number: numberOf(node) };
}

function numberOf({ type, evaluate, number }: Node): EvaluateNumber | null {
  if (number !== undefined) return number;
  if (!isNumber(type) && type !== 'timestamp') return null;
  return (rows, row) => {
    const value = evaluate(rows, row);
    return typeof value === 'number' ? value : Number.NaN;
  };
}

type CallOf<Kind extends Tree['exprKind']['case']> = Extract<Tree['exprKind'], { case: Kind }>['value'];
type Pair = readonly [Node, Node];
type Binary = (pair: Pair, place: Place) => Node;

const binary: Readonly<Record<string, Binary>> = {
  '_+_': (pair, place) => arithmetic('+', pair, place),
  '_-_': (pair, place) => arithmetic('-', pair, place),
  '_*_': (pair, place) => arithmetic('*', pair, place),
  '_/_': (pair, place) => arithmetic('/', pair, place),
  '_%_': (pair, place) => arithmetic('%', pair, place),
  '_==_': (pair, place) => equality('==', pair, place),
  '_!=_': (pair, place) => equality('!=', pair, place),
  '_<_': (pair, place) => order('<', pair, place),
  '_<=_': (pair, place) => order('<=', pair, place),
  '_>_': (pair, place) => order('>', pair, place),
  '_>=_': (pair, place) => order('>=', pair, place),
  '_&&_': (pair, place) => junction('&&', pair, place),
  '_||_': (pair, place) => junction('||', pair, place),
  '_[_]': ([list, index], place) => element(list, index, place),
};

class Compilation {
  readonly #parsed: Parsed;
  readonly #scope: Scope;
  readonly #names: Set<string>;

  constructor(parsed: Parsed, scope: Scope, names: Set<string>) {
    this.#parsed = parsed;
    this.#scope = scope;
    this.#names = names;
  }

  node(tree: Tree): Node {
    const place = { offset: this.#parsed.offsetOf(tree), text: textOf(tree) };
    const { exprKind } = tree;
    if (exprKind.case === 'constExpr') return literal(exprKind.value, place);
    if (exprKind.case === 'identExpr') return this.#name(exprKind.value.name, place);
    if (exprKind.case === 'callExpr') return this.#call(exprKind.value, place);
    if (exprKind.case === 'selectExpr') return this.#select(exprKind.value, place);
    if (exprKind.case === 'listExpr') throw refuse('a list stands only to the right of in', place);
    const macro = this.#parsed.macroOf(tree);
    throw refuse(`${macro ?? 'a map or message'} is CEL, but is not compiled`, place);
  }

  #name(name: string, place: Place): Node {
    const binding = this.#scope.columns.find(({ field }) => field.name === name);
    const list = this.#scope.lists?.find((candidate) => candidate.name === name);
    if (binding === undefined && list === undefined) throw this.#unknown(name, place);
    this.#names.add(name);
    return binding === undefined ? listColumn(list as NonNullable<typeof list>, place) : column(binding, place);
  }

  #unknown(name: string, { offset }: Place): Error {
    const known = namesOfScope(this.#scope);
    return refuse(`there is no field ${name}; fields: ${known.join(', ') || 'none'}`, {
      offset,
      suggestion: nearestOf(name, known),
    });
  }

  #select({ operand, field, testOnly }: CallOf<'selectExpr'>, place: Place): Node {
    if (testOnly) throw refuse('has asks for a part of a message; write: x != null', place);
    const whole = operand === undefined ? '' : textOf(operand as Tree);
    const isKnown = namesOfScope(this.#scope).includes(field);
    throw refuse(`a record has no field ${whole} that has parts`, { offset: place.offset, suggestion: isKnown ? field : null });
  }

  #call({ function: name, target, args }: CallOf<'callExpr'>, place: Place): Node {
    if (target !== undefined) return this.#method(name, [target as Tree, ...(args as Tree[])], place);
    const [first, second, third] = args as Tree[];
    if (first !== undefined && second !== undefined) {
      if (name === '@in') return this.#membership(first, second, place);
      if (third !== undefined && name === '_?_:_') {
        return choice(this.node(first), [this.node(second), this.node(third)], place);
      }
      const operator = Object.hasOwn(binary, name) ? binary[name] : undefined;
      if (operator !== undefined) return operator([this.node(first), this.node(second)], place);
      if (name === 'matches') return matching(this.node(first), this.node(second), place);
    }
    if (first !== undefined && name === '!_') return complement(this.node(first), place);
    if (first !== undefined && name === '-_') return negation(this.node(first), place);
    const overloads = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (overloads === undefined) throw noFunction(name, functions, place);
    return call({ name, isMethod: false, operands: (args as Tree[]).map((part) => this.node(part)) }, overloads, place);
  }

  #method(name: string, parts: readonly Tree[], place: Place): Node {
    const [first, second] = parts;
    if (name === 'matches' && first !== undefined && second !== undefined) {
      return matching(this.node(first), this.node(second), place);
    }
    const overloads = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (overloads === undefined) throw noFunction(name, { ...methods, matches: [] }, place);
    return call({ name, isMethod: true, operands: parts.map((part) => this.node(part)) }, overloads, place);
  }

  #membership(left: Tree, right: Tree, place: Place): Node {
    const { exprKind } = right;
    if (exprKind.case !== 'listExpr') return membership(this.node(left), this.node(right), place);
    const elements = (exprKind.value.elements as Tree[]).map((part) => this.node(part));
    return membership(this.node(left), elements, place);
  }
}

function noFunction(name: string, known: Readonly<Record<string, unknown>>, { offset }: Place): Error {
  const shown = /^[A-Za-z_]/.test(name) ? name : JSON.stringify(name.replaceAll('_', ''));
  if (uncompiled.has(name) || shown !== name) return refuse(`${shown} is CEL, but is not compiled`, { offset });
  return refuse(`there is no function ${name}`, { offset, suggestion: nearestOf(name, Object.keys(known)) });
}

function textOf(tree: Tree): string {
  try {
    return unparse(tree);
  } catch {
    return 'the expression'; // shown in messages only
  }
}
