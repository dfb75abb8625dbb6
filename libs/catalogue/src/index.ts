export { alarmRecord, Catalogue, type CatalogueRecord, hashOf, referenceRecord, runRecord } from './catalogue.ts';
export type { Alias, AliasMove, DatasetPart, ModelInput, ModelVersion, TrainingManifest } from './entries.ts';
export { modelsTopic, type OpenCatalogue, type OpenCatalogueOptions, openCatalogue } from './open-catalogue.ts';
export { badEntry, corruptModel, unknownVersion, versionTaken, writersInTheWay } from './problems.ts';
export {
  type DriftAlarm,
  type DriftReadingEntry,
  type DriftReferenceEntry,
  runOutcomes,
  type TrainingRun,
  type Trigger,
} from './training-entries.ts';
