import { currentCaller } from './caller.ts';
import { demand } from './need.ts';

/** Whoever is given an open key can read what it hides, wherever the records are. Throws `access.denied`. */
export function permitDecryption(subject: string): void {
  const grants = currentCaller()?.grants ?? null;
  if (grants !== null) demand(grants, { action: 'decrypt', on: { subject } });
}
