import { readFileSync } from 'node:fs';
import type { AcknowledgedReading } from './reading-audit.ts';
import type { MeasuredReading } from './window-audit.ts';

/** A reading as its publisher wrote it down when it was told that it is safe. */
export type AcknowledgedMeasurement = AcknowledgedReading & MeasuredReading;

interface Line {
  readonly kind: string;
  readonly key: string;
  readonly deviceId: string;
  readonly sequence: number;
  readonly observedAtMs: number;
  readonly [field: string]: unknown;
}

const notMeasured = new Set(['sequence', 'observedAtMs']);

/** The readings of an acknowledged file, in the order of their acknowledgement. A line that a kill cut off was never promised. */
export function readAcknowledged(file: string): AcknowledgedMeasurement[] {
  const text = readFileSync(file, 'utf8');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
    .filter(({ kind }) => kind === 'reading')
    .map(measurementOf);
}

function measurementOf({ key, deviceId, sequence, observedAtMs, ...rest }: Line): AcknowledgedMeasurement {
  const values = Object.entries(rest).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number' && !notMeasured.has(entry[0]),
  );
  return { key, deviceId, sequence, id: `${deviceId}/${sequence}`, timeMs: observedAtMs, values: Object.fromEntries(values) };
}
