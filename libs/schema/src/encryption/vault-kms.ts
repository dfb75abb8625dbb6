import { messageOf } from '@penstock/kernel';
import { kmsRefused, kmsUnreachable } from '../problems.ts';
import type { Kms, KmsEnv, KmsKey, KmsOptions } from './kms-key.ts';
import { checkVaultOrigin, type VaultLogin, vaultLoginOf, vaultNamespaceOf } from './vault-login.ts';

interface VaultKey {
  readonly origin: string;
  /** `transit` of `/transit/keys/rooms`. */
  readonly mount: string;
  readonly name: string;
}

interface VaultAnswer {
  readonly data?: { readonly ciphertext?: string; readonly plaintext?: string };
  readonly auth?: { readonly client_token?: string };
}

type Post = (path: string, body: Readonly<Record<string, string>>, token: string | null) => Promise<VaultAnswer>;

/** Keys of the transit engine of HashiCorp Vault: `https://vault:8200/transit/keys/rooms`. */
export function openVaultKms(key: KmsKey, env: KmsEnv, { timeoutMs = 10_000 }: KmsOptions): Kms {
  const { origin, mount, name } = parseKeyId(key.kmsKeyId);
  checkVaultOrigin(origin, key, env);
  vaultLoginOf(key, env); // what is missing is said at once
  const post = posterOf(origin, vaultNamespaceOf(key, env), timeoutMs);
  const ask = async (operation: string, body: Readonly<Record<string, string>>): Promise<VaultAnswer['data'] & object> =>
    (await post(`${mount}/${operation}/${name}`, body, await tokenBy(vaultLoginOf(key, env), key, post))).data ?? {};
  return {
    encrypt: async (plain) => {
      const { ciphertext } = await ask('encrypt', { plaintext: Buffer.from(plain).toString('base64') });
      return Buffer.from(given(ciphertext, key), 'utf8');
    },
    decrypt: async (cipher) => {
      const { plaintext } = await ask('decrypt', { ciphertext: Buffer.from(cipher).toString('utf8') });
      return Buffer.from(given(plaintext, key), 'base64');
    },
  };
}

function parseKeyId(kmsKeyId: string): VaultKey {
  const text = kmsKeyId.startsWith('http') ? kmsKeyId : `https://${kmsKeyId}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  const [, mount = '', name = ''] = /^\/(.+)\/keys\/([^/]+)$/.exec(url?.pathname ?? '') ?? [];
  if (url === null || mount === '' || url.username !== '' || url.password !== '')
    throw kmsRefused('hcvault: the id of the key is to read http(s)://host:port/transit/keys/name');
  return { origin: url.origin, mount, name };
}

/** Data keys are asked for seldom: a role logs in for each of them. */
async function tokenBy(login: VaultLogin, key: KmsKey, post: Post): Promise<string> {
  if ('token' in login) return login.token;
  const { auth } = await post('auth/approle/login', { role_id: login.role, secret_id: login.secret }, null);
  return given(auth?.client_token, key);
}

function given(value: string | undefined, { kmsKeyId }: KmsKey): string {
  if (value === undefined) throw kmsUnreachable(`hcvault › ${kmsKeyId}: an answer without what was asked for`);
  return value;
}

function posterOf(origin: string, namespace: string | null, timeoutMs: number): Post {
  return async (path, body, token) => {
    const at = `hcvault › ${origin}/v1/${path}`;
    const response = await fetch(`${origin}/v1/${path}`, {
      method: 'POST',
      redirect: 'error', // it would take the token along
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        'content-type': 'application/json',
        ...(token === null ? {} : { 'x-vault-token': token }),
        ...(namespace === null ? {} : { 'x-vault-namespace': namespace }),
      },
      body: JSON.stringify(body),
    }).catch((cause: unknown) => {
      throw kmsUnreachable(`${at}: no answer: ${messageOf(cause)}`, { cause });
    });
    return read(response, at);
  };
}

/** What Vault says of an error may hold what it was asked: only the status is told. */
async function read(response: Response, at: string): Promise<VaultAnswer> {
  const facts = { status: response.status };
  const answer = await response.json().catch((cause: unknown) => {
    throw kmsUnreachable(`${at}: ${response.status} with an answer that is not JSON`, { facts, cause });
  });
  if (response.ok) return Object(answer) as VaultAnswer;
  const isPassing = response.status >= 500 || response.status === 429 || response.status === 412;
  throw (isPassing ? kmsUnreachable : kmsRefused)(`${at}: answered ${response.status}`, { facts });
}
