export { Catalogue, type CatalogueRecord, hashOf } from './catalogue.ts';
export type { Alias, AliasMove, DatasetPart, ModelInput, ModelVersion, TrainingManifest } from './entries.ts';
export { badEntry, corruptModel, unknownVersion, versionTaken } from './problems.ts';
