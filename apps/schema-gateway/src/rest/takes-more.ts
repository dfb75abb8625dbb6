/** Clients that take a GUID from what they registered, and do not say that they take more than they know. */
const known = /^franz-go/;

/**
 * True for callers that are told fields of later days. Strict clients refuse a whole answer for a field that they do not know, so that it is
 * for callers to say that they take it.
 */
export function takesMore(headers: Readonly<Record<string, string | string[] | undefined>>): boolean {
  return headers['confluent-accept-unknown-properties'] === 'true' || known.test(String(headers['user-agent'] ?? ''));
}
