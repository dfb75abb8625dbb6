/** A reading that its publisher was told is safe. */
export interface AcknowledgedReading {
  readonly key: string;
  readonly deviceId: string;
  readonly sequence: number;
}

/** A row of the archive. The archive has no unique key: whatever is written shows. */
export interface ArchivedRow extends AcknowledgedReading {
  /** Where it was written, ascending in the order of writing. */
  readonly order: number;
}

export interface ReadingAudit {
  readonly acknowledged: number;
  readonly rows: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly outOfOrder: number;
  /** Rows that nobody published. */
  readonly unknown: number;
  /** A few of each, to look into. */
  readonly examples: readonly string[];
}

const examplesMax = 10;

/**
 * Compares what was acknowledged with what was stored, from outside: it asks no counter of any service. Acknowledged readings
 * must be rows, each once, in the order of each device's own sequence.
 */
export function auditReadings(acknowledged: Iterable<AcknowledgedReading>, rows: readonly ArchivedRow[]): ReadingAudit {
  const expected = new Set<string>();
  for (const reading of acknowledged) expected.add(nameOf(reading));
  const examples: string[] = [];
  const note = (what: string): void => void (examples.length < examplesMax && examples.push(what));
  const seen = new Set<string>();
  const newest = new Map<string, number>();
  const found = { duplicates: 0, outOfOrder: 0, unknown: 0 };
  for (const row of rows.toSorted((left, right) => left.order - right.order)) {
    const name = nameOf(row);
    const device = `${row.key} ${row.deviceId}`;
    if (!expected.has(name)) found.unknown += 1;
    if (seen.has(name)) {
      found.duplicates += 1;
      note(`${name} is stored again at ${row.order}`);
    } else if (row.sequence < (newest.get(device) ?? 0)) {
      found.outOfOrder += 1;
      note(`${name} came after ${newest.get(device)}`);
    }
    seen.add(name);
    newest.set(device, Math.max(row.sequence, newest.get(device) ?? 0));
  }
  let lost = 0;
  for (const name of expected) {
    if (seen.has(name)) continue;
    lost += 1;
    note(`${name} is lost`);
  }
  return { acknowledged: expected.size, rows: rows.length, lost, ...found, examples };
}

function nameOf({ key, deviceId, sequence }: AcknowledgedReading): string {
  return `${key} ${deviceId}/${sequence}`;
}
