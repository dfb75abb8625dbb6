import { wrongUsage } from '../command-line/problems.ts';
import type { CsvRow } from './csv.ts';

/** How a row becomes a publish. */
export interface RowPlan {
  /** `{column}` stands for what the row has there. */
  readonly topic: string;
  /** Columns by the field that they become; null: every column, by its own name. */
  readonly fields: ReadonlyMap<string, string> | null;
  /** Texts by field, with `{column}` as in the topic. */
  readonly set: ReadonlyMap<string, string>;
  /** Counts the publishes of a topic, from 1 on. */
  readonly sequence: string | null;
  /** Holds the time; becomes milliseconds since the epoch. */
  readonly time: string | null;
}

export interface RowPublication {
  readonly topic: string;
  readonly payload: string;
  /** Null where the plan names no time. */
  readonly atMs: number | null;
}

/** Makes publishes of rows, one after the other. Throws `cli.wrong-usage` for columns that are not there. */
export class RowPublisher {
  readonly #plan: RowPlan;
  readonly #sequences = new Map<string, number>();

  constructor(plan: RowPlan) {
    this.#plan = plan;
  }

  publicationOf(row: CsvRow): RowPublication {
    const { time, sequence } = this.#plan;
    const topic = fill(this.#plan.topic, row);
    const atMs = time === null ? null : timeOf(row, time);
    const payload: Record<string, unknown> = {};
    for (const [field, column] of this.#columnsOf(row)) {
      const value = column === time ? atMs : valueOf(cellOf(row, column));
      if (value !== null) payload[field] = value;
    }
    for (const [field, template] of this.#plan.set) payload[field] = fill(template, row);
    if (sequence !== null) payload[sequence] = this.#next(topic);
    return { topic, payload: JSON.stringify(payload), atMs };
  }

  #columnsOf({ cells }: CsvRow): Iterable<readonly [field: string, column: string]> {
    return this.#plan.fields ?? [...cells.keys()].map((name) => [name, name] as const);
  }

  #next(topic: string): number {
    const sequence = (this.#sequences.get(topic) ?? 0) + 1;
    this.#sequences.set(topic, sequence);
    return sequence;
  }
}

function cellOf({ cells, line }: CsvRow, column: string): string {
  const cell = cells.get(column);
  if (cell === undefined)
    throw wrongUsage(
      `line ${line}: there is no column ${JSON.stringify(column)}; expected one of ${[...cells.keys()].join(', ')}`,
    );
  return cell;
}

function fill(template: string, row: CsvRow): string {
  return template.replaceAll(/\{([^}]*)\}/g, (_all, column: string) => cellOf(row, column));
}

/** A number, a truth or a text, as it reads; null: an empty cell, of which nothing is said. */
function valueOf(cell: string): string | number | boolean | null {
  const text = cell.trim();
  if (text === '' || text === 'NA') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : cell;
}

/** Milliseconds or seconds since the epoch, or a date; a date without a zone is taken as UTC. */
function timeOf(row: CsvRow, column: string): number {
  const cell = cellOf(row, column).trim();
  const number = Number(cell);
  if (cell !== '' && Number.isFinite(number)) return number < 1e11 ? number * 1_000 : number;
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(cell) ? cell : `${cell}Z`;
  const atMs = Date.parse(zoned.replace(' ', 'T'));
  if (Number.isNaN(atMs)) throw wrongUsage(`line ${row.line}: ${column}: expected a time, got ${JSON.stringify(cell)}`);
  return atMs;
}
