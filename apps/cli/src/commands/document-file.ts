import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { notFound } from '../command-line/problems.ts';

/** A document on this machine, and what lies around it. */
export interface DocumentFile {
  /** As it is shown in messages. */
  readonly shown: string;
  readonly text: string;
  /** The text of a file by its path from the document's folder; null when there is none. */
  readFile(path: string): string | null;
}

/** Throws `cli.not-found`. */
export function openDocument(file: string): DocumentFile {
  const path = resolve(file);
  const text = readText(path);
  if (text === null) throw notFound(`${file}: there is no such file`);
  const shown = relative(process.cwd(), path);
  return { shown: shown.startsWith('..') ? path : shown, text, readFile: (other) => readText(resolve(dirname(path), other)) };
}

function readText(path: string): string | null {
  return existsSync(path) && statSync(path).isFile() ? readFileSync(path, 'utf8') : null;
}
