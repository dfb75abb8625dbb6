import { type Login, splitLogin } from '@penstock/kernel';
import type { RegistryTls } from '@penstock/schema';
import { readTls } from '@penstock/service';
import { registryLogin } from '../command-line/grpc-options.ts';
import { readRunningRecord } from '../platform/platform-record.ts';

/** What a registry that is named is shown, and what is kept from it. */
export interface RegistryAccess {
  readonly login: Login;
  readonly tls: RegistryTls | null;
  /** What the environment holds for another address; empty: nothing. */
  readonly withheld: readonly string[];
}

interface Asking {
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
  /** The person says so. */
  readonly isTrusted: boolean;
}

const logins = ['USER', 'PASSWORD', 'PASSWORD_FILE', 'TOKEN', 'TOKEN_FILE'].map((name) => `PENSTOCK_REGISTRY_${name}`);
const identity = ['PENSTOCK_TLS_CERT', 'PENSTOCK_TLS_KEY'];

/**
 * Login and certificate of the environment are for the registry that it names: an address that somebody typed or pasted gets them
 * only when that is said. Authorities that are trusted are no secret.
 */
export function accessTo(registry: string, { env, folder, isTrusted }: Asking): RegistryAccess {
  const { PENSTOCK_TLS_CERT: tlsCert, PENSTOCK_TLS_KEY: tlsKey, PENSTOCK_TLS_CA: tlsCa } = env;
  const own = env['PENSTOCK_REGISTRY'] || readRunningRecord(folder)?.env['PENSTOCK_REGISTRY'];
  if (isTrusted || (own !== undefined && isSamePlace(own, registry)))
    return { login: registryLogin(env), tls: readTls({ tlsCert, tlsKey, tlsCa }), withheld: [] };
  const withheld = [...logins, ...(registry.startsWith('https:') ? identity : [])].filter((name) => env[name]);
  return { login: {}, tls: readTls({ tlsCert: undefined, tlsKey: undefined, tlsCa }), withheld };
}

/** The same server, and the same path on it or one below. */
function isSamePlace(own: string, asked: string): boolean {
  if (!URL.canParse(own)) return false;
  const [left, right] = [own, asked].map((address) => new URL(splitLogin(address).url)) as [URL, URL];
  const root = left.pathname.replace(/\/*$/, '/');
  return left.origin === right.origin && `${right.pathname}/`.startsWith(root);
}
