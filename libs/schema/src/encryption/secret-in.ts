import { readFileSync } from 'node:fs';
import { messageOf } from '@penstock/kernel';
import { kmsRefused } from '../problems.ts';
import type { KmsEnv } from './kms-key.ts';

/** A secret of the environment, or in the file that the variable with `_FILE` at its end names: it is read each time, for it rotates. */
export function secretIn(env: KmsEnv, variable: string): string | undefined {
  const file = env[`${variable}_FILE`];
  if (env[variable] !== undefined || file === undefined) return env[variable];
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw kmsRefused(`${variable}_FILE: ${file} cannot be read: ${messageOf(cause)}`);
  }
}
