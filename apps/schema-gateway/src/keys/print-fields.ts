type Field = string | number | boolean | ReadonlyMap<string, string | null> | null;

/** JSON with the fields in the order in which they are given, without those that are null; maps keep theirs, too. */
export function printFields(fields: Readonly<Record<string, Field>>): string {
  const given = Object.entries(fields).filter(([, value]) => value !== null);
  return print(given, (value) => (value instanceof Map ? print([...value], JSON.stringify) : JSON.stringify(value)));
}

/** `JSON.stringify` would put names that are numbers first. */
function print<Value>(entries: readonly (readonly [string, Value])[], printValue: (value: Value) => string): string {
  return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${printValue(value)}`).join(',')}}`;
}
