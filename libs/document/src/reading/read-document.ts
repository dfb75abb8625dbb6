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
  const parsed = parseYaml(text, lines);
  return 'yaml' in parsed ? { file, ...judge(parsed.yaml, parsed.value, lines) } : { ...nothing, complaints: parsed.complaints };
}

type Parsed = { readonly yaml: Document; readonly value: unknown } | { readonly complaints: readonly Complaint[] };

function parseYaml(text: string, lines: LineCounter): Parsed {
  const refused = (message: string, offset = 0): Parsed => ({ complaints: [syntax(message, lines.linePos(offset))] });
  try {
    const [yaml, second] = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, version: '1.2' }) as Document[];
    if (yaml === undefined) return refused('expected a document, got nothing');
    if (second !== undefined)
      return refused('expected one document, got a second one: put it into a file of its own', second.range?.[0]);
    const errors = yaml.errors.map(({ message, pos }) => syntax(firstLine(message), lines.linePos(pos[0])));
    if (errors.length > 0) return { complaints: errors };
    const value: unknown = yaml.toJS({ maxAliasCount: 100 });
    JSON.stringify(value);
    return { yaml, value };
  } catch (thrown) {
    return refused(thrown instanceof ReferenceError ? messageOf(thrown) : 'is nested too deeply, or refers to itself');
  }
}

function judge(yaml: Document, value: unknown, lines: LineCounter): Omit<DocumentReading, 'file'> {
  const places = createPlaces(yaml, lines);
  const parsed = documentLanguage.safeParse(value, { error: wordingOf, reportInput: true });
  const wrong = parsed.success ? [] : complaintsOfIssues(parsed.error.issues, value, places);
  const isWithinWrong = ({ path }: Complaint): boolean => wrong.some((other) => other.path !== '' && path.startsWith(other.path));
  const complaints = [...wrong, ...strayReferences(value, places).filter((stray) => !isWithinWrong(stray))];
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
