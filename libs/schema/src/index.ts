export { type AvroSchema } from './avro/schema.ts';
export { createDecoder, createEncoder, type DecoderOptions, type EncoderOptions } from './codec.ts';
export {
  type CompatibilityRule,
  checkCompatibility,
  checkReads,
  type EarlierVersion,
  type VersionIncompatibility,
} from './compatibility/check.ts';
export type { Incompatibility } from './compatibility/incompatibility.ts';
export type { CompatibilityPolicy } from './compatibility/json/check.ts';
export { type CompatibilityLevel, compatibilityLevels } from './compatibility/level.ts';
export { type ChangedAspect, diffSchemas, type SchemaDifference } from './diff/diff.ts';
export { diffLines, type LineDifference } from './diff/diff-lines.ts';
export { type DekAlgorithm, dekAlgorithms, isDekAlgorithm } from './encryption/dek-algorithm.ts';
export { createDekMaterial } from './encryption/dek-material.ts';
export { createEncryptExecutors } from './encryption/encrypt-executors.ts';
export type { Keyring } from './encryption/keyring.ts';
export { kmsTypes } from './encryption/kms.ts';
export type { Kms, KmsEnv, KmsKey, KmsOptions } from './encryption/kms-key.ts';
export { type KmsOfKekOptions, openKmsOfKek } from './encryption/kms-of-kek.ts';
export { createRestKeyring, type RestKeyringOptions } from './encryption/rest-keyring.ts';
export type { UnknownFields } from './json/decoder.ts';
export { createJsonReadingDecoder, type ReadingOptions } from './json/reading-decoder.ts';
export type { JsonSchema } from './json/schema.ts';
export { nestingOf } from './ordered-json.ts';
export * from './problems.ts';
export { type MessagePlan, type NumberedField, printMessage } from './protobuf/print-message.ts';
export { type ProtobufSchema, serialiseProtobufSchema } from './protobuf/schema.ts';
export { referredNames } from './referred-names.ts';
export type { NamedSchema, SchemaDraft, SchemaReference, SchemaRegistry, SchemaVersion } from './registry/registry.ts';
export { createRestRegistry, type RestRegistryOptions } from './registry/rest-registry.ts';
export { type Received, type RegistryTls, type Send, type Sent, senderOf } from './registry/send-request.ts';
export { checkRules, isSecret, type RuleSurroundings } from './rules/apply-rules.ts';
export { type Contract, contractOf, type Rule, type RuleMoment } from './rules/contract.ts';
export { encryptedFields } from './rules/encrypted-fields.ts';
export {
  type Awaitable,
  type BytesRule,
  type FieldFacts,
  type FieldRule,
  type OpenedRule,
  type RecordRule,
  type RuleExecutor,
  type RuleUse,
  skipped,
} from './rules/executor.ts';
export { canonicalOf, normalTextOf, parseSchema, type Schema, schemaLengthMax, storedTextOf } from './schema.ts';
export { type SchemaFormat, type SchemaSource, schemaFormats } from './schema-source.ts';
export { frameBytes, frameOf, messageIndexesOf, schemaIdOf, schemaNameOf } from './wire/frame.ts';
export { schemaHeaderOf, withHeaderFrame } from './wire/header-frame.ts';
export { createWireDecoder, type WireDecoderOptions } from './wire-decoder.ts';
