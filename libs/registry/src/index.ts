export { mergeRuleSets, parseRuleSet, propertyOf, withVersion } from './contract.ts';
export {
  type ConfigChange,
  clearedBy,
  decideConfig,
  decideConfigRemoval,
  decideMode,
  decideModeRemoval,
  hasDefaults,
  type ModeChange,
} from './decide-settings.ts';
export { decideContextDeletion, decideSubjectDeletion, decideVersionDeletion } from './delete.ts';
export { type Candidate, checkSubject, type Draft, fillDraft, isEmpty, readDraft, type TagsAsked } from './draft.ts';
export { DraftReading } from './draft-reading.ts';
export { findVersion, lookUpVersion } from './find-version.ts';
export { applyRecord, type Change } from './fold.ts';
export { guidOf } from './guid.ts';
export { judge, type Verdict } from './judge.ts';
export { LayeredMap } from './layered-map.ts';
export * as registryProblems from './problems.ts';
export { type ConfigValue, type Mode, modes, type RegistryRecord } from './records.ts';
export { decideRegistration, type Import, type Registration } from './register.ts';
export { defaultLevel, Registry, type VersionName } from './registry.ts';
export { resolveAvro } from './resolve-avro.ts';
export { configInScope, configOf, modeOf, type Settings, subjectNamed } from './settings.ts';
export { settle } from './settle.ts';
export {
  type Attachment,
  contentKey,
  contextName,
  contextOf,
  defaultContext,
  isContextName,
  plainName,
  type SchemaContent,
  type StoredVersion,
  subjectIn,
} from './stored-schema.ts';
export { changeTags, type SchemaTags, tagsIn } from './tags.ts';
