import { authorizationOf, type Login, messageOf, splitLogin } from '@penstock/kernel';
import { registryRefused, registryUnreachable } from '../problems.ts';
import { type Received, type RegistryTls, type Send, senderOf } from './send-request.ts';

export interface RestDoorOptions {
  /** `http://host:port`, with a path if the registry stands below one, and with `user:password@` if that is how one logs in. */
  readonly url: string;
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Files that it names are read for each request. */
  readonly login?: Login;
  /** Certificates for `https`; absent or null: what the system trusts, and nothing is shown. */
  readonly tls?: RegistryTls | null;
}

export interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

/** Asks a registry. Null is its own 404 of something that is not there. */
export type Ask = <Answer>(question: Question) => Promise<Answer | null>;

const contentType = 'application/vnd.schemaregistry.v1+json';

/**
 * A registry's door. What passes by itself is `schema.registry-unreachable`: no answer, an error of the server, a login that is refused, a
 * 404 that no registry says. Every other answer that is a no is `schema.registry-refused`, with its status and code as facts.
 */
export function createRestDoor(options: RestDoorOptions): { readonly url: string; readonly ask: Ask } {
  const split = splitLogin(options.url);
  const url = split.url.replace(/\/$/, '');
  const logins = [options.login ?? {}, split.login];
  const door = { ...options, url, logins, transport: senderOf(split.url, options.tls ?? null) };
  const ask: Ask = async <Answer>(question: Question) => judge(await send(door, question), question) as Answer | null;
  return { url, ask };
}

interface Door extends RestDoorOptions {
  readonly logins: readonly Login[];
  readonly transport: Send;
}

async function send(door: Door, { method, path, body }: Question): Promise<Received> {
  const { url, logins, transport, headers, timeoutMs = 10_000 } = door;
  try {
    const authorization = logins.map(authorizationOf).find((header) => header !== null) ?? null;
    return await transport({
      method,
      url: url + path,
      headers: {
        accept: contentType,
        ...(body === undefined ? {} : { 'content-type': contentType }),
        ...(authorization === null ? {} : { authorization }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      timeoutMs,
    });
  } catch (cause) {
    throw registryUnreachable(`registry › ${method} ${path}: no answer from ${url}: ${messageOf(cause)}`, { cause });
  }
}

function judge(received: Received, { method, path }: Question): unknown {
  const { status } = received;
  const answer = read(received, path);
  if (status >= 200 && status < 300) return answer;
  const { error_code: code, message } = Object(answer) as { error_code?: number; message?: string };
  const said = `registry › ${method} ${path}: ${status}${code === undefined ? '' : ` (${code})`}: ${message ?? 'no reason given'}`;
  const facts = { status, errorCode: code ?? 0 };
  // Only a registry's own 404 says that something is unknown; a proxy's says that the registry is not there.
  if (status === 404 && code !== undefined && isUnknown(code)) return null;
  const passing = status >= 500 && status !== 501;
  if (passing || [401, 403, 404, 408, 429].includes(status)) throw registryUnreachable(said, { facts });
  throw registryRefused(said, { facts });
}

/** A subject, a version, a schema; a key, or one that was deleted. */
function isUnknown(code: number): boolean {
  return (code >= 40_401 && code <= 40_403) || code === 40_470 || code === 40_472;
}

function read({ status, text }: Received, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw registryUnreachable(`registry › ${path}: ${status} with an answer that is not JSON`, { cause });
  }
}
