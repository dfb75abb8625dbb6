import { readFileSync } from 'node:fs';
import { messageOf } from './problem.ts';

/** How to log in somewhere: a bearer token, or a name and a password. Secrets may lie in files, which are read each time: they rotate. */
export interface Login {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
}

/** The header that logs in; null where nothing is set. Throws when a file cannot be read. */
export function authorizationOf({ user, password, passwordFile, token, tokenFile }: Login): string | null {
  const bearer = token ?? (tokenFile === undefined ? undefined : readSecret(tokenFile));
  if (bearer !== undefined) return `Bearer ${bearer}`;
  if (user === undefined) return null;
  const secret = password ?? (passwordFile === undefined ? '' : readSecret(passwordFile));
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
}

/** An address without the name and password that it may carry, and these. */
export function splitLogin(address: string): { readonly url: string; readonly login: Login } {
  const url = new URL(address);
  const { username, password } = url;
  if (username === '' && password === '') return { url: address, login: {} };
  url.username = '';
  url.password = '';
  return { url: url.href, login: { user: decodeURIComponent(username), password: decodeURIComponent(password) } };
}

function readSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new Error(`the secret in ${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
