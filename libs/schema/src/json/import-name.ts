import { isObject } from './dialect.ts';

/** The name by which a schema finds what it imports: relative to its `$id`, where it has one that is a whole URL. */
export function importName(name: string, root: unknown): string {
  const id = isObject(root) ? root['$id'] : undefined;
  return typeof id === 'string' && URL.canParse(name, id) ? new URL(name, id).href.replace(/#$/, '') : name;
}
