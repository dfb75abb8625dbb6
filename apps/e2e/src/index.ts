export { type AcknowledgedMeasurement, readAcknowledged } from './acknowledged.ts';
export { readIds } from './late-readings.ts';
export { type AcknowledgedReading, type ArchivedRow, auditReadings, type ReadingAudit } from './reading-audit.ts';
export { roomsRules } from './rooms-rules.ts';
export { auditRun, type RunAudit, type RunToAudit } from './run-audit.ts';
export { readArchive, readWindows, type StoredWindows, type Tables } from './stored-rows.ts';
export {
  auditWindows,
  expectedWindows,
  type MeasuredReading,
  type WindowAudit,
  type WindowRow,
  type WindowRules,
} from './window-audit.ts';
