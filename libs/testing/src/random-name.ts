import { randomBytes } from 'node:crypto';

/** A name that no other test uses, fit for topics, groups and tables. */
export function randomName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`;
}
