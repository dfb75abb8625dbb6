import autocannon from 'autocannon';
import { elapsed, readProcessorSeconds, sumOf } from './processor-time.ts';
import type { Contender } from './registry-contenders.ts';

/** One kind of question. */
export interface Question {
  readonly method: 'GET' | 'POST';
  /** Below the contender's URL. Asked before the body, for each request where they differ. */
  path(): string;
  readonly body: (() => string) | undefined;
  /** Path and body differ from request to request. */
  readonly isVaried: boolean;
}

export interface Loaded {
  readonly perSecond: number;
  readonly p99Ms: number;
  /** Of the server, user and system. */
  readonly cpuMicroseconds: number;
}

const connections = 32;
const contentType = 'application/vnd.schemaregistry.v1+json';

/** Asks one contender for so long. Throws when an answer is not 200: what is refused is fast and says nothing. */
export async function load(contender: Contender, question: Question, seconds: number): Promise<Loaded> {
  const pids = { server: contender.pid };
  const before = readProcessorSeconds(pids);
  const prefix = new URL(contender.url).pathname.replace(/\/$/, '');
  const request = (): { path: string; body?: string } => {
    const path = prefix + question.path();
    return question.body === undefined ? { path } : { path, body: question.body() };
  };
  const setupRequest = (prepared: object): object => ({ ...prepared, ...request() });
  const headers = { accept: contentType, ...(question.body === undefined ? {} : { 'content-type': contentType }) };
  const prepared = { method: question.method, headers, ...request() };
  const result = await autocannon({
    url: contender.url,
    connections,
    duration: seconds,
    requests: [question.isVaried ? { ...prepared, setupRequest } : prepared],
  });
  const cpuSeconds = sumOf(elapsed(before, readProcessorSeconds(pids)));
  const answered = result['2xx'];
  if (answered === 0 || result.non2xx + result.errors > 0) {
    const counts = JSON.stringify({ answered, refused: result.non2xx, errors: result.errors, statuses: result.statusCodeStats });
    throw new Error(`${contender.name}, ${question.method} ${question.path()}: ${counts}`);
  }
  return {
    perSecond: answered / result.duration,
    p99Ms: result.latency.p99,
    cpuMicroseconds: (cpuSeconds * 1e6) / answered,
  };
}
