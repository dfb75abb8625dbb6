const text = new TextDecoder();
const namesMax = 1_000;

/**
 * Records say the same few header names again and again: each is turned into bytes, and each spelling in bytes into its name, once.
 * Bounded: of more than a thousand names none is kept any longer.
 */
const bytesByName = new Map<string, Uint8Array>();
const namesBySpelling = new Map<string, string>();

/** A header's name as it goes over the wire. */
export function headerNameBytes(name: string): Uint8Array {
  const known = bytesByName.get(name);
  if (known !== undefined) return known;
  const bytes = Buffer.from(name);
  keep(bytesByName, name, bytes);
  return bytes;
}

/** A header's name as it came; what is no UTF-8 is replaced, as TextDecoder does. */
export function headerNameOf(bytes: Uint8Array): string {
  const spelling = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const known = namesBySpelling.get(spelling);
  if (known !== undefined) return known;
  const name = text.decode(bytes);
  keep(namesBySpelling, spelling, name);
  return name;
}

function keep<Value>(map: Map<string, Value>, key: string, value: Value): void {
  if (map.size >= namesMax) map.clear();
  map.set(key, value);
}
