import { currentCaller } from './caller.ts';
import { demand } from './need.ts';

/** What a shared KEK says of how to log in at its KMS is for the gateway, and for whoever may write it. */
export function seesKmsProps(): boolean {
  return currentCaller()?.grants?.mayEverywhere('configure') ?? true;
}

/** Whoever is given an open key can read what it hides, wherever the records are. Throws `access.denied`. */
export function permitDecryption(subject: string): void {
  const grants = currentCaller()?.grants ?? null;
  if (grants !== null) demand(grants, { action: 'decrypt', on: { subject } });
}
