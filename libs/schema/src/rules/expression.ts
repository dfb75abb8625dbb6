const lengthMax = 16_384;

/** Parsers go back over a text, and what is long enough takes them long. Throws where an expression is. */
export function checkLength(text: string): void {
  if (text.length > lengthMax)
    throw new RangeError(`expected an expression of at most ${lengthMax} characters, got ${text.length}`);
}

/** What `parse` makes of an expression; where it goes too deep, that is said in other words than the machine's. */
export function unnested<Parsed>(parse: () => Parsed): Parsed {
  try {
    return parse();
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new RangeError('the expression is nested too deep', { cause: thrown });
  }
}
