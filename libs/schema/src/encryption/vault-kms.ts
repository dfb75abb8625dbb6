import { messageOf } from '@penstock/kernel';
import { kmsRefused, kmsUnreachable } from '../problems.ts';
import type { Kms, KmsEnv, KmsKey, KmsOptions } from './kms-key.ts';

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

/** A property of the KEK, and where it is in the environment. */
const variables = {
  'token.id': 'VAULT_TOKEN',
  namespace: 'VAULT_NAMESPACE',
  'approle.role.id': 'VAULT_APPROLE_ROLE_ID',
  'approle.secret.id': 'VAULT_APPROLE_SECRET_ID',
};

type Post = (path: string, body: Readonly<Record<string, string>>, token: string | null) => Promise<VaultAnswer>;

/** Keys of the transit engine of HashiCorp Vault: `https://vault:8200/transit/keys/rooms`. */
export function openVaultKms(key: KmsKey, env: KmsEnv, { timeoutMs = 10_000 }: KmsOptions): Kms {
  const { origin, mount, name } = parseKeyId(key.kmsKeyId);
  checkOrigin(origin, key, env);
  const namespace = settingOf('namespace', key, env);
  const post = posterOf(origin, namespace, timeoutMs);
  const token = tokenOf(key, env, post);
  const ask = async (operation: string, body: Readonly<Record<string, string>>): Promise<VaultAnswer['data'] & object> =>
    (await post(`${mount}/${operation}/${name}`, body, await token())).data ?? {};
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

/** Whoever may write a KEK names the server; secrets of this service go to none but its own. */
function checkOrigin(origin: string, { kmsProps }: KmsKey, env: KmsEnv): void {
  const isForeign = kmsProps?.['token.id'] !== undefined || kmsProps?.['approle.secret.id'] !== undefined;
  const own = env['VAULT_ADDR'] ?? '';
  if (isForeign || (URL.canParse(own) && new URL(own).origin === origin)) return;
  const set = own === '' ? 'VAULT_ADDR is not set' : 'VAULT_ADDR names another server';
  throw kmsRefused(`hcvault › ${origin}: ${set}, and a token goes to that one alone`);
}

function settingOf(name: keyof typeof variables, { kmsProps }: KmsKey, env: KmsEnv): string | null {
  return kmsProps?.[name] ?? env[variables[name]] ?? null;
}

/** The token that is given, or one that the role logs in for: data keys are asked for seldom. */
function tokenOf(key: KmsKey, env: KmsEnv, post: Post): () => Promise<string> {
  const token = settingOf('token.id', key, env);
  const role = settingOf('approle.role.id', key, env);
  const secret = settingOf('approle.secret.id', key, env);
  if (role !== null && secret !== null)
    return async () => {
      const { auth } = await post('auth/approle/login', { role_id: role, secret_id: secret }, null);
      return given(auth?.client_token, key);
    };
  if (token === null) throw kmsRefused(`hcvault › ${key.kmsKeyId}: there is no token; set VAULT_TOKEN`);
  return async () => token;
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
