import { badRequest } from './problems.ts';

/** The names that a document can say. */
export function checkName(field: string, name: string): void {
  if (/^[a-z][a-z0-9-]{0,62}$/.test(name)) return;
  throw badRequest(`${field}: expected a name in lower case, such as occupancy, got ${JSON.stringify(name)}`);
}
