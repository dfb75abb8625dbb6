/** What is wrong with a document, and where. */
export interface Complaint {
  /** Stable, such as `document.unknown-key`. */
  readonly code: string;
  /** A whole sentence without the place: `expected 0 or 1, got 3`. */
  readonly message: string;
  /** `stages.ingest.from.mqtt.qos`; empty for the document itself. */
  readonly path: string;
  /** Both from 1 on. */
  readonly line: number;
  readonly column: number;
  readonly expected?: string;
  /** The word that was probably meant. */
  readonly suggestion?: string;
}

/** `rooms.yaml:12:5 › stages.ingest.from.mqtt.qos: expected 0 or 1, got 3`. */
export function formatComplaint(file: string, { path, line, column, message, suggestion }: Complaint): string {
  const place = path === '' ? `${file}:${line}:${column}` : `${file}:${line}:${column} › ${path}`;
  return `${place}: ${message}${suggestion === undefined ? '' : `; did you mean ${suggestion}?`}`;
}
