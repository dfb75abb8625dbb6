/** Confluent's media types, the usual one first. */
const served = ['application/vnd.schemaregistry.v1+json', 'application/vnd.schemaregistry+json', 'application/json'] as const;
const taken: readonly string[] = [...served, 'application/octet-stream'];

/** The type of the answer to a request that accepts these; null when none of ours is among them. */
export function answerType(accept: string | undefined): string | null {
  if (accept === undefined || accept === '') return served[0];
  const wanted = accept.split(',').map((part) => (part.split(';')[0] ?? '').trim().toLowerCase());
  const named = wanted.find((type) => (served as readonly string[]).includes(type));
  if (named !== undefined) return named;
  return wanted.some((type) => type === '*/*' || type === 'application/*') ? served[0] : null;
}

/** True for a body that we read as JSON. */
export function isTaken(contentType: string | undefined): boolean {
  const type = (contentType ?? served[0]).split(';')[0]?.trim().toLowerCase() ?? '';
  return type === '' || taken.includes(type);
}
