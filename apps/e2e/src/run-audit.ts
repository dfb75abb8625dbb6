import { readAcknowledged } from './acknowledged.ts';
import { auditReadings, type ReadingAudit } from './reading-audit.ts';
import { readArchive, readWindows, type Tables } from './stored-rows.ts';
import { auditWindows, expectedWindows, type WindowAudit, type WindowRules } from './window-audit.ts';

export interface RunToAudit {
  readonly acknowledgedFile: string;
  readonly tables: Tables;
  /** A table in append mode. */
  readonly readings: string;
  /** A table in upsert mode; null: look at the readings only. */
  readonly predictions: string | null;
  readonly rules: WindowRules;
  /** Ids of readings that were reported late. */
  readonly late: ReadonlySet<string>;
}

/** What an outsider finds: nothing here asks a service. */
export interface RunAudit {
  readonly readings: ReadingAudit;
  readonly windows: (WindowAudit & { readonly writtenAgain: number }) | null;
  /** Nothing lost, nothing twice, order kept. */
  readonly holds: boolean;
}

/** Both oracles over one run that has come to its end. */
export async function auditRun(run: RunToAudit): Promise<RunAudit> {
  const acknowledged = readAcknowledged(run.acknowledgedFile);
  const readings = auditReadings(acknowledged, await readArchive(run.tables, run.readings));
  if (run.predictions === null) return { readings, windows: null, holds: isWhole(readings) };
  const { rows, duplicates } = await readWindows(run.tables, run.predictions, Object.keys(run.rules.means));
  const audit = auditWindows(expectedWindows(acknowledged, run.rules, run.late), rows, run.late);
  const windows = { ...audit, writtenAgain: duplicates };
  return { readings, windows, holds: isWhole(readings) && areExact(windows) };
}

function isWhole({ lost, duplicates, outOfOrder, unknown }: ReadingAudit): boolean {
  return lost + duplicates + outOfOrder + unknown === 0;
}

function areExact({ missing, unexpected, duplicates, different, writtenAgain }: WindowAudit & { writtenAgain: number }): boolean {
  return missing + unexpected + duplicates + different + writtenAgain === 0;
}
