import type { UpstreamAnswer } from './upstream-client.ts';

/** What is said to be not there, or not to be a question: believed for a moment. */
export function isMissing({ status }: UpstreamAnswer): boolean {
  return status >= 400;
}

/** The registry answers, and cannot do now what was asked. That a verdict is not implemented (501) is none of that. */
export function isFailing({ status }: UpstreamAnswer): boolean {
  return (status >= 500 && status !== 501) || status === 429 || status === 408;
}

/** JSON that says the same the next time. */
export function isKeepable(answer: UpstreamAnswer): boolean {
  const { status } = answer;
  const isDefinite = status === 200 || (isMissing(answer) && !isFailing(answer) && status !== 403);
  return isDefinite && isJson(answer);
}

/**
 * A proxy's answer is not the registry's: a 404 of a load balancer says that the registry is not there, not that a schema is not. Ours
 * is the login that upstream refuses with 401, not the caller's.
 */
export function isRegistrys(answer: UpstreamAnswer): boolean {
  const { status } = answer;
  if (status === 401) return false;
  const isDoubtful = status === 404 || [500, 502, 503, 504].includes(status);
  return !isDoubtful || hasErrorCode(answer);
}

function isJson({ headers }: UpstreamAnswer): boolean {
  return /[/+]json\b/.test(String(headers['content-type'] ?? ''));
}

function hasErrorCode(answer: UpstreamAnswer): boolean {
  if (!isJson(answer)) return false;
  try {
    const parsed = JSON.parse(answer.body.toString('utf8')) as { error_code?: unknown } | null;
    return typeof parsed?.error_code === 'number';
  } catch {
    return false;
  }
}
