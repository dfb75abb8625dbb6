import { messageOf } from '@penstock/kernel';
import { type Document, LineCounter, parseAllDocuments } from 'yaml';
import type { Complaint } from '../complaint.ts';
import { documentLanguage } from '../language/document.ts';
import type { PipelineDocument } from '../pipeline-document.ts';
import { complaintsOfIssues } from './issues.ts';
import { createPlaces, type Place, type Places } from './places.ts';
import { strayReferences } from './stray-references.ts';
import { wordingOf } from './wording.ts';

/** A document that was read. It is null when nothing can be made of it; `complaints` then says why. */
export interface DocumentReading {
  readonly file: string;
  readonly document: PipelineDocument | null;
  readonly complaints: readonly Complaint[];
  /** Where things stand in the text. */
  readonly places: Places;
}

/** A larger document was not written by a person. */
const documentCharactersMax = 1_048_576;

/** Reads a document and judges its form; what it means is judged by `checkDocument`. Never throws for a wrong text. */
export function readDocument(text: string, { file }: { readonly file: string }): DocumentReading {
  const nothing = { file, document: null, places: nowhere };
  if (text.length > documentCharactersMax) {
    const message = `expected at most ${documentCharactersMax} characters, got ${text.length}`;
    return { ...nothing, complaints: [{ code: 'document.too-long', message, path: '', line: 1, column: 1 }] };
  }
  const lines = new LineCounter();
  const [yaml, second] = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, version: '1.2' }) as Document[];
  if (yaml === undefined) return { ...nothing, complaints: [syntax('expected a document, got nothing', { line: 1, col: 1 })] };
  if (second !== undefined) {
    const at = lines.linePos(second.range?.[0] ?? 0);
    return { ...nothing, complaints: [syntax('expected one document, got a second one: put it into a file of its own', at)] };
  }
  const errors = yaml.errors.map(({ message, pos }) => syntax(firstLine(message), lines.linePos(pos[0])));
  if (errors.length > 0) return { ...nothing, complaints: errors };
  return { file, ...judge(yaml, lines) };
}

function judge(yaml: Document, lines: LineCounter): Omit<DocumentReading, 'file'> {
  const places = createPlaces(yaml, lines);
  let value: unknown;
  try {
    value = yaml.toJS({ maxAliasCount: 100 });
  } catch (thrown) {
    return { document: null, places, complaints: [syntax(messageOf(thrown), { line: 1, col: 1 })] };
  }
  const parsed = documentLanguage.safeParse(value, { error: wordingOf, reportInput: true });
  const complaints = [
    ...(parsed.success ? [] : complaintsOfIssues(parsed.error.issues, value, places)),
    ...strayReferences(value, places),
  ];
  return { document: complaints.length === 0 ? (value as PipelineDocument) : null, complaints, places };
}

function syntax(message: string, { line, col }: { line: number; col: number }): Complaint {
  return { code: 'document.syntax', message, path: '', line: Math.max(1, line), column: Math.max(1, col) };
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message;
}

const start: Place = { line: 1, column: 1 };
const nowhere: Places = { value: () => start, inside: () => start, key: () => start };
