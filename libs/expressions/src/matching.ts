import { RE2JS } from '@bufbuild/re2';
import { messageOf } from '@penstock/kernel';
import type { Node, Place } from './node.ts';
import { refuse } from './problems.ts';
import { nounOf } from './value-type.ts';

const patternCharactersMax = 512;

/** `x.matches("pattern")` with RE2's syntax and RE2's bound: time linear in the text. The pattern stands in the expression. */
export function matching(operand: Node, pattern: Node, place: Place): Node {
  if (operand.type !== 'string') throw refuse(`matches takes a string, ${operand.text} is ${nounOf(operand.type)}`, place);
  const { literal: source } = pattern;
  if (typeof source !== 'string') throw refuse(`matches takes a pattern in quotes, ${pattern.text} is none`, pattern);
  const compiled = compilePattern(source, pattern);
  return {
    type: 'bool',
    nullable: operand.nullable,
    ...place,
    evaluate(rows, row) {
      const value = operand.evaluate(rows, row);
      return typeof value === 'string' ? compiled.test(value) : undefined;
    },
  };
}

function compilePattern(source: string, { offset }: Place): { test(text: string): boolean } {
  if (source.length > patternCharactersMax) throw refuse(`a pattern has at most ${patternCharactersMax} characters`, { offset });
  try {
    return RE2JS.compile(source);
  } catch (thrown) {
    throw refuse(`the pattern is not RE2: ${messageOf(thrown)}`, { offset });
  }
}
