/** As JSON.parse of Node 22 and later has it, which the types of the language do not know yet. */
interface ExactJson {
  parse(text: string, revive: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown;
  rawJSON(text: string): object;
  isRawJSON(value: unknown): boolean;
}

const exact = JSON as unknown as ExactJson;

/** `JSON.parse`, but integers beyond 2^53 stay as they were written when they are written again. `parsed`: what the text is parsed to. */
export function parseExactly(text: string, parsed?: unknown): unknown {
  if (!/\d{16}/.test(text)) return parsed ?? JSON.parse(text);
  return exact.parse(text, (_, value, { source = '' }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? exact.rawJSON(source) : value,
  );
}

/** `JSON.parse`, with numbers that are written again as `print` says, by their value and how they were written. */
export function parseNumbersAs(text: string, print: (value: number, source: string) => string): unknown {
  if (!/\d[.eE]|\d{16}/.test(text)) return JSON.parse(text);
  return exact.parse(text, (_, value, { source = '' }) => {
    if (typeof value !== 'number') return value;
    const printed = print(value, source);
    return printed === String(value) ? value : exact.rawJSON(printed);
  });
}

/** What is written as it stands. */
export function rawNumber(text: string): object {
  return exact.rawJSON(text);
}

/** The same with the keys of all objects in one order. */
export function withSortedKeys(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withSortedKeys);
  if (typeof json !== 'object' || json === null || exact.isRawJSON(json)) return json;
  const entries = Object.entries(json).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, withSortedKeys(value)]));
}

const quote = 0x22;
const escape = 0x5c;
const opening: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const closing: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** How deep brackets nest; those within strings count for nothing. */
export function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = stringEnd(text, at);
    else if (opening.has(code)) deepest = Math.max(deepest, ++depth);
    else if (closing.has(code)) depth -= 1;
  }
  return deepest;
}

/** Where the string that begins at `start` ends; the end of the text where it does not. */
function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === escape) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
