import { authorizationOf, messageOf, splitLogin } from '@penstock/kernel';
import { type Received, type Send, type Sent, senderOf } from '@penstock/schema';
import { notFound, notRunning, registryRefused, unreadable } from '../command-line/problems.ts';
import type { RegistryAccess } from './registry-access.ts';

/** Asks one question over REST and answers the parsed body. Throws coded problems. */
export type AskRest = (line: string, body?: object) => Promise<unknown>;

const timeoutMs = 30_000;

/** Asks a registry of Confluent's API. A name and a password in the URL go before the login that is set. */
export function createRestClient(address: string, { login, tls }: Pick<RegistryAccess, 'login' | 'tls'>): AskRest {
  const { url, login: own } = splitLogin(address);
  const root = url.replace(/\/$/, '');
  const send = senderOf(root, tls);
  return async (line, body) => {
    const authorization = authorizationOf(own) ?? authorizationOf(login);
    const headers = {
      accept: 'application/vnd.schemaregistry.v1+json',
      ...(authorization === null ? {} : { authorization }),
    };
    const [method = 'GET', path = '/'] = line.split(' ');
    const typed = body === undefined ? headers : { ...headers, 'content-type': 'application/vnd.schemaregistry.v1+json' };
    const sent = { method, url: root + path, headers: typed, body: body === undefined ? null : JSON.stringify(body), timeoutMs };
    const response = await ask(send, sent, root);
    const parsed = parse(response.text, `${root}${path}`);
    if (response.status < 400) return parsed;
    throw refusal(response.status, parsed, root);
  };
}

async function ask(send: Send, sent: Sent, root: string): Promise<Received> {
  try {
    return await send(sent);
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause !== undefined ? messageOf(cause.cause) : messageOf(cause);
    throw notRunning(`the registry at ${root} does not answer: ${reason}`, { cause });
  }
}

function parse(text: string, url: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(`${url} does not answer with JSON: is this a schema registry?`, { cause });
  }
}

function refusal(status: number, body: unknown, root: string): Error {
  const { error_code: errorCode = status, message = '' } = (body ?? {}) as { error_code?: number; message?: string };
  const text = `the registry at ${root} says: ${message || `status ${status}`} (${errorCode})`;
  const more = { facts: { status, errorCode } };
  if (status === 404) return notFound(text, more);
  return status >= 500 && status !== 501 ? notRunning(text, more) : registryRefused(text, more);
}
