import type { SchemaFormat } from '@penstock/schema';

/** A schema's text for people: JSON on one line is indented, its numbers and strings as they were written. */
export function readableText(format: SchemaFormat, text: string): string {
  return format === 'PROTOBUF' || text.trim().includes('\n') ? text.trimEnd() : indented(text);
}

/** As `readableText`, and JSON always, so that two of them differ in what they say alone. */
export function comparableText(format: SchemaFormat, text: string): string {
  return format === 'PROTOBUF' ? text.trimEnd() : indented(text);
}

function indented(text: string): string {
  let depth = 0;
  let written = '';
  let previous = '';
  const line = (): string => `\n${'  '.repeat(depth)}`;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    const closes = token === ']' || token === '}';
    if (closes) depth -= 1;
    const opened = previous === '[' || previous === '{';
    if (closes ? !opened : opened || previous === ',') written += line();
    written += token === ':' ? ': ' : token;
    if (token === '[' || token === '{') depth += 1;
    previous = token;
  }
  return written;
}
