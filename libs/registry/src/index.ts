export { propertyOf } from './contract.ts';
export { decideSubjectDeletion, decideVersionDeletion } from './delete.ts';
export { applyRecord, type Change } from './fold.ts';
export { guidOf } from './guid.ts';
export { LayeredMap } from './layered-map.ts';
export * as registryProblems from './problems.ts';
export { type ConfigValue, type Mode, modes, type RegistryRecord } from './records.ts';
export {
  type Candidate,
  checkSubject,
  type Draft,
  decideRegistration,
  findVersion,
  type Import,
  judge,
  lookUpVersion,
  type Registration,
  readDraft,
  settle,
  type Verdict,
} from './register.ts';
export { defaultLevel, Registry, type VersionName } from './registry.ts';
export {
  type ConfigChange,
  configOf,
  decideConfig,
  decideConfigRemoval,
  decideMode,
  decideModeRemoval,
  modeOf,
  type Settings,
  subjectNamed,
} from './settings.ts';
export { contentKey, contextOf, defaultContext, type SchemaContent, type StoredVersion } from './stored-schema.ts';
