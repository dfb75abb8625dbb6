/** Each once, in order: as a set of Confluent's registry is written. */
export function sortedOnce(list: readonly string[]): string[] {
  return [...new Set(list)].sort();
}

/** Entries by their names. */
export function sortedEntries<Value>(map: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(map).sort(([left], [right]) => (left < right ? -1 : 1));
}
