import { badFile } from '../command-line/problems.ts';

/** A row by the names in the head. */
export interface CsvRow {
  /** Of the text, from 1 on. */
  readonly line: number;
  readonly cells: ReadonlyMap<string, string>;
}

/**
 * Reads comma-separated values (RFC 4180): the first line names the columns. A row with one cell more than there are names begins
 * with a row number, as R writes it. Throws `cli.bad-file` with the line of a row that does not fit.
 */
export async function* readCsv(chunks: AsyncIterable<string>): AsyncGenerator<CsvRow> {
  let head: readonly string[] | null = null;
  for await (const { line, cells } of splitRecords(chunks)) {
    if (cells.length === 1 && cells[0] === '') continue;
    if (head === null) {
      head = cells;
      continue;
    }
    const numbered = cells.length === head.length + 1;
    if (!numbered && cells.length !== head.length)
      throw badFile(`line ${line}: expected ${head.length} cells, got ${cells.length}`);
    yield { line, cells: new Map(head.map((name, index) => [name, cells[index + (numbered ? 1 : 0)] as string])) };
  }
}

interface Splitting {
  line: number;
  /** Where the record began that is being read. */
  startLine: number;
  cells: string[];
  cell: string;
  quoted: boolean;
  /** A quote within quotes: the end of the cell, or the first half of a quote. */
  afterQuote: boolean;
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

async function* splitRecords(chunks: AsyncIterable<string>): AsyncGenerator<CsvRecord> {
  const state: Splitting = { line: 1, startLine: 1, cells: [], cell: '', quoted: false, afterQuote: false };
  for await (const chunk of chunks) {
    for (const character of chunk) if (take(state, character)) yield finish(state);
  }
  if (state.quoted && !state.afterQuote) throw badFile(`line ${state.startLine}: a quote is never closed`);
  if (state.cell !== '' || state.cells.length > 0) yield finish(state);
}

/** True at the end of a record. */
function take(state: Splitting, character: string): boolean {
  if (character === '\n') state.line += 1;
  if (state.quoted) {
    takeQuoted(state, character);
    if (state.quoted) return false;
  }
  if (character === '"' && state.cell === '' && !state.afterQuote) state.quoted = true;
  else if (character === ',') nextCell(state);
  else if (character === '\n') return true;
  else if (character !== '\r' && character !== '"') state.cell += character;
  return false;
}

/** Leaves the quotes when the character behind them says so; that character is then taken as any other. */
function takeQuoted(state: Splitting, character: string): void {
  if (character === '"') {
    if (state.afterQuote) state.cell += '"';
    state.afterQuote = !state.afterQuote;
  } else if (state.afterQuote) state.quoted = false;
  else state.cell += character;
}

function nextCell(state: Splitting): void {
  state.cells.push(state.cell);
  state.cell = '';
  state.afterQuote = false;
}

function finish(state: Splitting): CsvRecord {
  nextCell(state);
  const record = { line: state.startLine, cells: state.cells };
  state.cells = [];
  state.quoted = false;
  state.startLine = state.line;
  return record;
}
