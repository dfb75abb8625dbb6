export { Histogram } from './histogram.ts';
export { type StageReading, type StageState, StageStatus } from './stage-status.ts';
