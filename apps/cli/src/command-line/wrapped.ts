/** A sentence in lines of at most so many columns, each indented; a word that is longer stands alone. */
export function wrapped(text: string, { indent, columns }: { readonly indent: number; readonly columns: number }): string[] {
  const width = Math.max(columns - indent, 20);
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => ' '.repeat(indent) + line);
}
