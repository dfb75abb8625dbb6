import { kmsRefused } from '../problems.ts';
import type { KmsEnv, KmsKey } from './kms-key.ts';
import { secretIn } from './secret-in.ts';

/** How to log in at Vault: with a token, or as a role that gets one. */
export type VaultLogin = { readonly token: string } | { readonly role: string; readonly secret: string };

/** What one logs in with is the KEK's own, or else the environment's: never half of each, for the KEK also says where the server is. */
export function vaultLoginOf({ kmsKeyId, kmsProps }: KmsKey, env: KmsEnv): VaultLogin {
  const isOwn = bringsLogin(kmsProps);
  const setting = (property: string, variable: string): string | undefined =>
    isOwn ? kmsProps?.[property] : secretIn(env, variable);
  const role = setting('approle.role.id', 'VAULT_APPROLE_ROLE_ID');
  const secret = setting('approle.secret.id', 'VAULT_APPROLE_SECRET_ID');
  if (role !== undefined && secret !== undefined) return { role, secret };
  const token = setting('token.id', 'VAULT_TOKEN');
  if (token !== undefined) return { token };
  throw kmsRefused(`hcvault › ${kmsKeyId}: there is no token; ${isOwn ? 'give the KEK a whole login' : 'set VAULT_TOKEN'}`);
}

/** Whoever may write a KEK names the server; what this service logs in with goes to none but its own. */
export function checkVaultOrigin(origin: string, { kmsProps }: KmsKey, env: KmsEnv): void {
  const own = env['VAULT_ADDR'] ?? '';
  if (bringsLogin(kmsProps) || (URL.canParse(own) && new URL(own).origin === origin)) return;
  const set = own === '' ? 'VAULT_ADDR is not set' : 'VAULT_ADDR names another server';
  throw kmsRefused(`hcvault › ${origin}: ${set}, and a token goes to that one alone`);
}

export function vaultNamespaceOf({ kmsProps }: KmsKey, env: KmsEnv): string | null {
  return kmsProps?.['namespace'] ?? (bringsLogin(kmsProps) ? null : (env['VAULT_NAMESPACE'] ?? null));
}

function bringsLogin(kmsProps: KmsKey['kmsProps']): boolean {
  return ['token.id', 'approle.role.id', 'approle.secret.id'].some((property) => kmsProps?.[property] !== undefined);
}
