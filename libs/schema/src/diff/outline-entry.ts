/** One thing that a schema declares: a field, an enum, a message, or the schema itself. */
export interface OutlineEntry {
  /** Equal for the same thing in two versions, wherever it stands: `rooms.Reading.co2Ppm`, `Reading#9`. */
  readonly key: string;
  /** For people, from the record down: `location.room`, `samples[].value`. Empty: the schema itself. */
  readonly path: string;
  /** Whose order it stands in; null where order means nothing. */
  readonly order: { readonly within: string; readonly place: number } | null;
  /** Paths under which it was known before. */
  readonly aliases: readonly string[];
  /** All that is said of it, in the order in which it is shown: `type`, `default`, `doc`. */
  readonly aspects: ReadonlyMap<string, string>;
}

/** Aspects without those that are not said. */
export function aspectsOf(said: Readonly<Record<string, string | undefined>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(said).flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const])));
}

/** A step down: `location` and `room` are `location.room`; brackets follow without a dot. */
export function stepInto(path: string, step: string): string {
  return path === '' || /^[[{(]/.test(step) ? path + step : `${path}.${step}`;
}
