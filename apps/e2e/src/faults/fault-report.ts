import type { Platform } from '@penstock/cli';
import { readAcknowledged } from '../acknowledged.ts';
import { readIds } from '../late-readings.ts';
import { auditReadings } from '../reading-audit.ts';
import { roomsRules } from '../rooms-rules.ts';
import { auditRun, type RunAudit } from '../run-audit.ts';
import { readArchive } from '../stored-rows.ts';
import type { Fault } from './fault-list.ts';
import type { Evidence } from './watcher.ts';

/** One fault, and what an outsider found of the readings that were published around it. */
export interface FaultReport {
  readonly name: string;
  readonly acknowledged: number;
  readonly stored: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly outOfOrder: number;
  /** Retries, suppressed duplicates and restarts, together. */
  readonly redelivered: number;
  readonly recoverySeconds: number;
  /** It proved nothing: too little was in flight, or what it was to cause did not happen. */
  readonly void: boolean;
  /** Readings acknowledged and not yet archived when it struck. */
  readonly inFlight: number;
  readonly retries: number;
  readonly suppressed: number;
  readonly restarts: number;
}

export interface FaultRunReport {
  readonly seed: number;
  readonly faults: readonly FaultReport[];
  /** Over the whole run: readings, and the windows that follow from them. */
  readonly audit: RunAudit;
  readonly wallSeconds: number;
  readonly holds: boolean;
}

/** What is known of a fault before the run is audited. */
export interface Struck extends Evidence {
  readonly fault: Fault;
  /** Ticks of its slot: [from, to). */
  readonly from: number;
  readonly to: number;
  readonly inFlight: number;
  readonly recoverySeconds: number;
}

/** With less acknowledged and not yet archived a fault proves nothing. */
export const inFlightMin = 100;

/** Counts from outside: over the whole run, and once more for the readings that belong to each fault. */
export async function account(
  platform: Platform,
  acknowledgedFile: string,
  struck: readonly Struck[],
): Promise<{ faults: FaultReport[]; audit: RunAudit }> {
  const tables = { url: platform.brokers.postgres.address, schema: 'public' };
  const late = await readIds(platform.brokers.kafka.address, 'rooms.late');
  const stored = { tables, readings: 'readings', predictions: 'predictions' };
  const audit = await auditRun({ acknowledgedFile, ...stored, rules: roomsRules, late });
  const acknowledged = readAcknowledged(acknowledgedFile);
  const rows = await readArchive(tables, stored.readings);
  const faults = struck.map((each): FaultReport => {
    // A reading's sequence is the tick in which it was made.
    const isOwn = ({ sequence }: { sequence: number }): boolean => sequence >= each.from && sequence < each.to;
    const found = auditReadings(acknowledged.filter(isOwn), rows.filter(isOwn));
    const { inFlight, retries, duplicates: suppressed, restarts } = each;
    const redelivered = retries + suppressed + restarts;
    return {
      name: each.fault.name,
      acknowledged: found.acknowledged,
      stored: found.rows,
      lost: found.lost,
      duplicates: found.duplicates,
      outOfOrder: found.outOfOrder,
      redelivered,
      recoverySeconds: Math.round(each.recoverySeconds * 10) / 10,
      void: each[each.fault.proof] === 0 || inFlight < inFlightMin,
      ...{ inFlight, retries, suppressed, restarts },
    };
  });
  return { faults, audit };
}

export function isWhole({ lost, duplicates, outOfOrder, void: isVoid }: FaultReport): boolean {
  return lost + duplicates + outOfOrder === 0 && !isVoid;
}
