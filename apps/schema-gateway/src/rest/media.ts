/** Confluent's media types, the usual one first. */
const served = ['application/vnd.schemaregistry.v1+json', 'application/vnd.schemaregistry+json', 'application/json'] as const;
const taken: readonly string[] = [...served, 'application/octet-stream'];

/** What callers send is a handful of headers. */
const knownMax = 64;
const knownLengthMax = 256;
const known = new Map<string, string | null>();

/** The type of the answer to a request that accepts these; null when none of ours is among them. */
export function answerType(accept: string | undefined): string | null {
  if (accept === undefined || accept === '') return served[0];
  const before = known.get(accept);
  if (before !== undefined) return before;
  const type = chooseType(accept);
  if (known.size < knownMax && accept.length < knownLengthMax) known.set(accept, type);
  return type;
}

function chooseType(accept: string): string | null {
  const wanted = accept.split(',').map((part) => (part.split(';')[0] ?? '').trim().toLowerCase());
  const named = wanted.find((type) => (served as readonly string[]).includes(type));
  if (named !== undefined) return named;
  return wanted.some((type) => type === '*/*' || type === 'application/*') ? served[0] : null;
}

/** True for a body that we read as JSON. */
export function isTaken(contentType: string | undefined): boolean {
  if (contentType === undefined || contentType === served[0]) return true;
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  return type === '' || taken.includes(type);
}
