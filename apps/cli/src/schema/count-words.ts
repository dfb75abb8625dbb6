/** `1 version`, `3 versions`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** The names of what is there, or a dash. */
export function listed(names: Iterable<string>): string {
  return [...new Set(names)].join(', ') || '–';
}
