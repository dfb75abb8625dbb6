const root = /^\/contexts\/([^/?]+)\/+([^?]*[^/?])\/*(?:\?(.*))?$/;
const inContext = /^:(\.|\*:)/;

/**
 * A path below `/contexts/<context>` is the same path with its subject in that context, and is read so before anything else is asked
 * of it. What names no context stays as it is.
 */
export function withoutContextPath(url: string): string {
  const [, named, path = '', query = ''] = root.exec(url) ?? [];
  const prefix = named === undefined ? null : prefixOf(decode(named));
  if (prefix === null) return url;
  const moved = movePath(path.split('/'), prefix);
  const asked = moveQuery(path, new URLSearchParams(query), prefix).toString();
  return `/${moved.join('/')}${asked === '' ? '' : `?${asked}`}`;
}

/** What stands before subjects of the context; null where none is named. */
function prefixOf(given: string): string | null {
  const name = given.replace(/^:/, '').replace(/:$/, '');
  if (name.includes(':')) return null;
  const context = name.startsWith('.') ? name : `.${name}`;
  return context === '.' ? '' : `:${context}:`;
}

/** Settings without a subject are those of the context. */
function movePath(parts: readonly string[], prefix: string): string[] {
  const [first = ''] = parts;
  const isSetting = first === 'config' || first === 'mode';
  if (isSetting && parts.length === 1) return prefix === '' ? [first] : [first, encodeURIComponent(prefix)];
  const before = first === 'dek-registry' ? parts.indexOf('deks', 4) : parts.indexOf('subjects');
  const at = isSetting ? 1 : before + 1;
  return parts.map((part, index) => {
    const isSubject = at > 0 && index === at && !inContext.test(decode(part));
    return isSubject ? encodeURIComponent(prefix) + part : part;
  });
}

function moveQuery(path: string, query: URLSearchParams, prefix: string): URLSearchParams {
  const isList = path === 'schemas' || path === 'subjects';
  const name = isList ? 'subjectPrefix' : 'subject';
  if (!isList && (prefix === '' || !path.startsWith('schemas/ids/'))) return query;
  const given = query.get(name) ?? '';
  query.set(name, inContext.test(given) ? given : prefix + given);
  return query;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
