import { stripVTControlCharacters } from 'node:util';

/** Where a command writes to. Data goes to `print`, everything else to `tell`, so that pipes carry data alone. */
export interface Output {
  /** `-o json`: data is printed as JSON, one value a line. */
  readonly json: boolean;
  /** A person looks at it now. */
  readonly interactive: boolean;
  readonly columns: number;
  print(text: string): void;
  tell(text: string): void;
}

/** Prints one value: as JSON, or as lines for a person. */
export function show(output: Output, value: unknown, lines: () => readonly string[]): void {
  if (output.json) output.print(jsonOf(value));
  else for (const line of lines()) output.print(line);
}

/** JSON on one line. Whole numbers beyond 2^53 become strings, bytes Base64. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_name, each: unknown) => {
    if (typeof each === 'bigint') return Number.isSafeInteger(Number(each)) ? Number(each) : String(each);
    if (each instanceof Map) return Object.fromEntries(each);
    return each;
  });
}

export type Align = 'left' | 'right';

/** Lines of a table as wide as its cells; `aligns` names the columns that stand right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], aligns: readonly Align[] = []): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ''))));
  const cell = (text: string, column: number): string => {
    const padding = ' '.repeat((widths[column] as number) - widthOf(text));
    return aligns[column] === 'right' ? padding + text : text + padding;
  };
  return all.map((row) =>
    head
      .map((_, column) => cell(row[column] ?? '', column))
      .join('  ')
      .trimEnd(),
  );
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

export function count(value: number | bigint): string {
  return value.toLocaleString('en');
}

export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${ms.toFixed(0)} ms`;
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${(ms / 60_000).toFixed(0)} min`;
}

export function instant(ms: number | bigint): string {
  return new Date(Number(ms)).toISOString();
}
