import { schema as api } from '@penstock/contracts';
import {
  type ConfigChange,
  configOf,
  type Draft,
  type Mode,
  modes,
  type Registry,
  registryProblems,
  type SchemaContent,
  type StoredVersion,
} from '@penstock/registry';
import { type CompatibilityLevel, compatibilityLevels, type SchemaFormat } from '@penstock/schema';
import { badRequest } from '../problems.ts';
import type { CheckAnswer } from '../schemas/check.ts';

const formats: Readonly<Record<number, SchemaFormat>> = {
  [api.SchemaFormat.UNSPECIFIED]: 'AVRO',
  [api.SchemaFormat.AVRO]: 'AVRO',
  [api.SchemaFormat.PROTOBUF]: 'PROTOBUF',
  [api.SchemaFormat.JSON]: 'JSON',
};

export function draftOf(schema: api.Schema | undefined, normalize: boolean | undefined): Draft {
  if (schema === undefined) throw badRequest('schema: expected one, got nothing');
  const format = formats[schema.format];
  if (format === undefined) throw badRequest(`schema.format: expected a known one, got ${schema.format}`);
  // Not asked for is not the same as not wanted: the subject's setting counts then.
  const { text, references, metadata = null, ruleSet = null } = schema;
  return { format, text, references, metadata, ruleSet, ...(normalize === true ? { normalize } : {}) };
}

export function schemaOf({ format, text, references, metadata, ruleSet }: SchemaContent): api.Schema {
  const contract = { ...(metadata === null ? {} : { metadata }), ...(ruleSet === null ? {} : { ruleSet }) };
  return { format: api.SchemaFormat[format], text, references: [...references], ...contract };
}

export function versionOf({ subject, version, content, deleted }: StoredVersion): api.Version {
  return { subject, version, id: content.id, schema: schemaOf(content), deleted };
}

export function levelNumber(level: CompatibilityLevel): api.Compatibility {
  return api.Compatibility[level];
}

/** Undefined where none is given. */
export function levelText(level: api.Compatibility): CompatibilityLevel | undefined {
  if (level === api.Compatibility.UNSPECIFIED) return undefined;
  const found = compatibilityLevels.find((name) => api.Compatibility[name] === level);
  if (found === undefined) throw registryProblems.invalidLevel(`compatibility: expected a known one, got ${level}`);
  return found;
}

export function modeNumber(mode: Mode): api.Mode {
  return api.Mode[mode];
}

export function modeText(mode: api.Mode): Mode {
  const found = modes.find((name) => api.Mode[name] === mode);
  if (found === undefined) throw registryProblems.invalidMode(`mode: expected a known one, got ${mode}`);
  return found;
}

export function configMessage(registry: Registry, subject: string): api.Config {
  const { level, normalize, guard, policy = '', group = '', ...contracts } = configOf(registry, subject);
  const alias = registry.configs.get(subject)?.alias ?? '';
  const named = { compatibilityPolicy: policy, compatibilityGroup: group, alias };
  return { compatibility: levelNumber(level), normalize, guard, ...named, ...contracts };
}

/** What is not given stays; what is empty is taken away. */
export function configChangeOf(request: api.SetConfigRequest): ConfigChange {
  const { compatibility, normalize, guard, compatibilityPolicy, compatibilityGroup, alias } = request;
  const { defaultMetadata, overrideMetadata, defaultRuleSet, overrideRuleSet } = request;
  const filled = <Value>(value: Value | undefined): Value | null | undefined =>
    value === '' || (typeof value === 'object' && Object.keys(value as object).length === 0) ? null : value;
  return {
    ...{ compatibility: levelText(compatibility), normalize, guard },
    ...{ policy: filled(compatibilityPolicy), group: filled(compatibilityGroup), alias: filled(alias) },
    ...{ defaultMetadata: filled(defaultMetadata), overrideMetadata: filled(overrideMetadata) },
    ...{ defaultRuleSet: filled(defaultRuleSet), overrideRuleSet: filled(overrideRuleSet) },
  };
}

export function checkAnswerOf({ level, incompatibilities, breaks, noVerdict }: CheckAnswer): api.CheckResponse {
  return {
    compatible: incompatibilities.length === 0 && breaks.length === 0 && noVerdict === null,
    compatibility: levelNumber(level),
    incompatibilities: incompatibilities.map(({ version, direction, type, path, message, reader = '', writer = '' }) => ({
      ...{ version, direction: levelNumber(direction), type, path, message },
      ...{ reader, writer },
    })),
    breaks: breaks.map(({ pipeline, stage, field, path, message }) => ({ pipeline, stage, field, path, message })),
    noVerdict: noVerdict ?? '',
  };
}
