/**
 * How long an answer holds. `content`: what an id or GUID stands for, for ever. `version`: a numbered version, which can be deleted and
 * nothing else. `moving`: lists, settings, what is latest. `verdict`: lookups and checks, by their body. `register` and `write` change
 * something. `other`: nothing is known of it.
 */
export type QuestionKind = 'content' | 'version' | 'moving' | 'verdict' | 'register' | 'write' | 'other';

/** What a request asks of a registry. */
export interface Question {
  readonly kind: QuestionKind;
  /** The one subject that it is about, without the prefix of the default context; null: not one alone. */
  readonly subject: string | null;
  /** The segments of the path, decoded, without a context at its beginning. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

const movingRoots: readonly string[] = ['schemas', 'subjects', 'config', 'mode', 'contexts', 'v1'];

/** Tells by method and path what is asked; `url` is the path with its query. */
export function readQuestion(method: string, url: string): Question {
  const end = url.indexOf('?');
  const query = new URLSearchParams(end < 0 ? '' : url.slice(end + 1));
  const all = (end < 0 ? url : url.slice(0, end)).split('/').filter((part) => part !== '');
  const context = all[0] === 'contexts' && all.length > 2 ? decode(all[1] ?? '').replaceAll(/^:|:$/g, '') : null;
  const path = (context === null ? all : all.slice(2)).map(decode);
  const subject = subjectOf(path, context);
  return { kind: kindOf(method, path, query), subject, path, query };
}

function kindOf(method: string, path: readonly string[], query: URLSearchParams): QuestionKind {
  if (method === 'GET') return readingOf(path, query);
  if (method === 'HEAD' || method === 'OPTIONS') return 'other';
  const [root, second, third] = path;
  if (method === 'POST' && root === 'subjects' && path.length === 2) return 'verdict';
  if (method === 'POST' && root === 'compatibility' && second === 'subjects') return 'verdict';
  if (method === 'POST' && root === 'subjects' && third === 'versions' && path.length === 3) return 'register';
  return 'write';
}

function readingOf(path: readonly string[], query: URLSearchParams): QuestionKind {
  const [root = '', second, third = '', fourth = '', fifth] = path;
  if (path.length === 0) return 'moving';
  if (root === 'schemas' && (second === 'ids' || second === 'guids') && path.length >= 3) {
    const isContent = path.length === 3 || (path.length === 4 && fourth === 'schema');
    return isContent && !query.has('fetchMaxId') ? 'content' : 'moving';
  }
  const isNumbered = root === 'subjects' && third === 'versions' && /^\d+$/.test(fourth);
  if (isNumbered && (path.length === 4 || (path.length === 5 && fifth === 'schema'))) return 'version';
  return movingRoots.includes(root) ? 'moving' : 'other';
}

function subjectOf(path: readonly string[], context: string | null): string | null {
  const [root = '', second, third] = path;
  const named = root === 'compatibility' ? third : ['subjects', 'config', 'mode'].includes(root) ? second : undefined;
  if (named === undefined) return null;
  return plainSubject(context === null || named.startsWith(':') ? named : `:${context}:${named}`);
}

/** `:.:name` is `name`. */
export function plainSubject(subject: string): string {
  return subject.startsWith(':.:') ? subject.slice(3) : subject;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
