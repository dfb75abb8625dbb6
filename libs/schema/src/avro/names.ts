/** Types that have no name of their own. */
export const primitives: readonly string[] = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'];

/** Types that a name stands for. */
export const namedKinds: readonly unknown[] = ['record', 'error', 'enum', 'fixed'];

/** The full name of what is named within a namespace. */
export function qualified(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}
