export { type AcknowledgedReading, type ArchivedRow, auditReadings, type ReadingAudit } from './reading-audit.ts';
export {
  auditWindows,
  expectedWindows,
  type MeasuredReading,
  type WindowAudit,
  type WindowRow,
  type WindowRules,
} from './window-audit.ts';
