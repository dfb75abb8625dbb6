import { messageOf } from '@penstock/kernel';
import type { FastifyRequest } from 'fastify';
import { badRequest } from '../problems.ts';
import { isTaken } from './media.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** What a request brought: its bytes, which are read when somebody needs what is in them; undefined: nothing. */
export function takeBody({ headers }: FastifyRequest, bytes: Buffer): Buffer | undefined {
  if (!isTaken(headers['content-type'])) throw Object.assign(new Error('media type'), { statusCode: 415 });
  return bytes.length === 0 ? undefined : bytes;
}

/** The bytes of a request's body; null: it has none. */
export function bytesOf({ body }: Pick<FastifyRequest, 'body'>): Buffer | null {
  return Buffer.isBuffer(body) ? body : null;
}

/** The JSON in a request's body; undefined: there is none. Throws `gateway.bad-request`. */
export function bodyOf(request: Pick<FastifyRequest, 'body'>): unknown {
  const bytes = bytesOf(request);
  if (bytes === null) return undefined;
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (cause) {
    throw badRequest(`The body is not JSON: ${messageOf(cause)}`, { cause });
  }
}
