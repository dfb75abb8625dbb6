/** A reading in the order in which its publisher was told that it is safe. */
export interface MeasuredReading {
  readonly id: string;
  readonly key: string;
  readonly timeMs: number;
  /** Fields that the reading has; a device measures one or more. */
  readonly values: Readonly<Record<string, number>>;
}

export interface WindowRow {
  readonly key: string;
  readonly windowStartMs: number;
  readonly count: number;
  readonly means: Readonly<Record<string, number | null>>;
}

export interface WindowRules {
  readonly tumblingMs: number;
  readonly ranges: Readonly<Record<string, readonly [min: number, max: number]>>;
  readonly hampel: { readonly field: string; readonly windowMs: number; readonly thresholdMad: number } | null;
  /** Mean name to field, as in the document. */
  readonly means: Readonly<Record<string, string>>;
}

export interface WindowAudit {
  readonly expected: number;
  readonly rows: number;
  readonly missing: number;
  readonly unexpected: number;
  readonly duplicates: number;
  /** Rows whose count or means differ. */
  readonly different: number;
  readonly late: number;
  readonly examples: readonly string[];
}

/**
 * Computes, from the acknowledged readings alone and all at once, which windows must exist and what stands in them. It shares
 * no code with the services: what is a running state there is a pass over an array here.
 */
export function expectedWindows(
  readings: readonly MeasuredReading[],
  rules: WindowRules,
  late: ReadonlySet<string>,
): Map<string, WindowRow> {
  const windows = new Map<string, WindowRow>();
  for (const own of Map.groupBy(uniqueById(readings), ({ key }) => key).values()) {
    const valid = own.filter((reading) => isValid(reading, rules));
    const smooth = rules.hampel === null ? valid : withoutSpikes(valid, rules.hampel);
    const onTime = smooth.filter(({ id }) => !late.has(id));
    for (const [startMs, members] of Map.groupBy(
      onTime,
      ({ timeMs }) => Math.floor(timeMs / rules.tumblingMs) * rules.tumblingMs,
    )) {
      const row = {
        key: (members[0] as MeasuredReading).key,
        windowStartMs: startMs,
        count: members.length,
        means: meansOf(members, rules),
      };
      windows.set(`${row.key} ${startMs}`, row);
    }
  }
  return windows;
}

function uniqueById(readings: readonly MeasuredReading[]): MeasuredReading[] {
  return [...new Map(readings.toReversed().map((reading) => [reading.id, reading])).values()].reverse();
}

function isValid({ values }: MeasuredReading, { ranges }: WindowRules): boolean {
  return Object.entries(ranges).every(
    ([field, [min, max]]) => values[field] === undefined || (values[field] >= min && values[field] <= max),
  );
}

/** Hampel's filter: against the values as they came, of the window that ends with the newest time before the reading. */
function withoutSpikes(
  readings: readonly MeasuredReading[],
  { field, windowMs, thresholdMad }: NonNullable<WindowRules['hampel']>,
): MeasuredReading[] {
  const before: { timeMs: number; value: number }[] = [];
  return readings.map((reading) => {
    const value = reading.values[field];
    if (value === undefined) return reading;
    const newestMs = Math.max(...before.map(({ timeMs }) => timeMs));
    const trail = before
      .filter(({ timeMs }) => timeMs >= newestMs - windowMs)
      .toSorted((left, right) => left.timeMs - right.timeMs)
      .slice(-101);
    before.push({ timeMs: reading.timeMs, value });
    if (before.length > 500) before.shift();
    const middle = median(trail.map((point) => point.value));
    const scale = 1.4826 * median(trail.map((point) => Math.abs(point.value - middle)));
    const isSpike = trail.length >= 5 && scale > 0 && Math.abs(value - middle) > thresholdMad * scale;
    return isSpike ? { ...reading, values: { ...reading.values, [field]: middle } } : reading;
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? Number.NaN) + (sorted[Math.floor(half)] ?? Number.NaN)) / 2;
}

function meansOf(members: readonly MeasuredReading[], { means }: WindowRules): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(means).map(([name, field]) => {
      const values = members.map(({ values: all }) => all[field]).filter((value) => value !== undefined);
      return [name, values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length];
    }),
  );
}

/** Compares the rows of the predictions table with the windows that must exist. */
export function auditWindows(
  expected: ReadonlyMap<string, WindowRow>,
  rows: readonly WindowRow[],
  late: ReadonlySet<string>,
): WindowAudit {
  const examples: string[] = [];
  const note = (what: string): void => void (examples.length < 10 && examples.push(what));
  const seen = new Set<string>();
  const found = { unexpected: 0, duplicates: 0, different: 0 };
  for (const row of rows) {
    const name = `${row.key} ${row.windowStartMs}`;
    const wanted = expected.get(name);
    if (seen.has(name)) found.duplicates += 1;
    else if (wanted === undefined) found.unexpected += 1;
    else if (!isSame(row, wanted)) {
      found.different += 1;
      note(`${name}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(row)}`);
    }
    seen.add(name);
  }
  const missing = [...expected.keys()].filter((name) => !seen.has(name));
  for (const name of missing) note(`${name} is missing`);
  return { expected: expected.size, rows: rows.length, missing: missing.length, ...found, late: late.size, examples };
}

function isSame(row: WindowRow, wanted: WindowRow): boolean {
  return (
    row.count === wanted.count &&
    Object.entries(wanted.means).every(([name, mean]) => {
      const found = row.means[name] ?? null;
      if (mean === null || found === null) return mean === found;
      return Math.abs(found - mean) <= 1e-9 * Math.max(1, Math.abs(mean));
    })
  );
}
