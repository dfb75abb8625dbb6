import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** A line that services print: an event and its facts. */
export interface LoggedEvent {
  readonly event: string;
  readonly [fact: string]: unknown;
}

const tailBytes = 16_384;

export function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

/** The first line with this event behind `from` bytes; null: not yet. */
export function findEvent(file: string, from: number, event: string): LoggedEvent | null {
  const lines = readFrom(file, from).split('\n').slice(0, -1);
  return lines.map(parseLine).find((line) => line?.event === event) ?? null;
}

/** Why a service ended, as its last words tell: the newest message or error, else its last line. Empty when it said nothing. */
export function lastWords(file: string, from: number): string {
  const lines = readFrom(file, Math.max(from, sizeOf(file) - tailBytes))
    .split('\n')
    .filter((line) => line.trim() !== '');
  return (lines.map(sayingOf).findLast((saying) => saying !== null) ?? lines.at(-1) ?? '').trim();
}

/** What a line says to a person: the message of an event, a line with an error, or one that a program has put its name before. */
function sayingOf(line: string): string | null {
  const message = parseLine(line)?.['message'];
  if (typeof message === 'string') return message;
  return /^[a-z-]+: |\w*Error\b/.test(line) ? line : null;
}

function readFrom(file: string, from: number): string {
  if (!existsSync(file)) return '';
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(handle).size - from));
    readSync(handle, bytes, 0, bytes.length, from);
    return bytes.toString();
  } finally {
    closeSync(handle);
  }
}

function parseLine(line: string): LoggedEvent | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as LoggedEvent;
  } catch {
    return null;
  }
}
