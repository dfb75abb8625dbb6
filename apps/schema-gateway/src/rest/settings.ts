import {
  type ConfigValue,
  checkSubject,
  configInScope,
  defaultLevel,
  hasDefaults,
  type Mode,
  modeOf,
  type Registry,
  registryProblems,
} from '@penstock/registry';
import { z } from 'zod';
import { badRequest } from '../problems.ts';
import { deleteConfig, deleteMode, setConfig, setMode } from '../schemas/change.ts';
import type { Call, Door } from './door.ts';
import { flag } from './request.ts';
import { subjectOf } from './subjects.ts';

const configBody = z.object({
  compatibility: z.string().nullish(),
  compatibilityPolicy: z.string().nullish(),
  compatibilityGroup: z.string().nullish(),
  alias: z.string().nullish(),
  aliasForDeks: z.string().nullish(),
  normalize: z.boolean().nullish(),
  validateFields: z.boolean().nullish(),
  validateNewSchemas: z.boolean().nullish(),
  validateRules: z.boolean().nullish(),
  defaultMetadata: z.unknown().optional(),
  overrideMetadata: z.unknown().optional(),
  defaultRuleSet: z.unknown().optional(),
  overrideRuleSet: z.unknown().optional(),
  /** Ours. */
  guard: z.boolean().nullish(),
});
const modeBody = z.object({ mode: z.string().nullish() });

/** `/config` and `/mode`, for all and for a subject. */
export function addSettingPaths(door: Door): void {
  const { gateway } = door;
  const { registry } = gateway.log.state;
  const getConfig = ({ params, query }: Call): object => {
    const subject = subjectOf(params);
    const found = flag(query, 'defaultToGlobal') ? configInScope(registry, subject) : ownConfig(registry, subject);
    if (found !== null) return configAnswer(found);
    throw registryProblems.noConfig(`Subject '${subject}' does not have subject-level compatibility configured`);
  };
  const putConfig = async ({ params, body, signal }: Call): Promise<object> => {
    const { compatibilityPolicy: policy, compatibilityGroup: group, ...others } = readConfig(body);
    const subject = checkedSetting(params);
    await setConfig(gateway, { subject, policy, group, ...others }, signal);
    return putAnswer(registry.configs.get(subject) ?? {});
  };
  const removeConfig = async ({ params, signal }: Call): Promise<object> => {
    const subject = subjectOf(params);
    const before = ownConfig(registry, subject) ?? missing(subject);
    await deleteConfig(gateway, subject, signal);
    return configAnswer(before);
  };
  for (const path of ['/config', '/config/:subject']) {
    door.get(path, getConfig);
    door.put(path, putConfig);
    door.delete(path, removeConfig);
  }
  addModePaths(door);
}

function addModePaths(door: Door): void {
  const { gateway } = door;
  const { registry } = gateway.log.state;
  const getMode = ({ params, query }: Call): object => {
    const subject = subjectOf(params);
    const mode = flag(query, 'defaultToGlobal') ? modeOf(registry, subject) : ownMode(registry, subject);
    if (mode !== null) return { mode };
    throw registryProblems.noMode(`Subject '${subject}' does not have subject-level mode configured`);
  };
  const putMode = async ({ params, query, body, signal }: Call): Promise<object> => {
    const asked = readMode(body);
    await setMode(gateway, { subject: checkedSetting(params), mode: asked.mode ?? null, force: flag(query, 'force') }, signal);
    return asked;
  };
  const removeMode = async ({ params, query, signal }: Call): Promise<object> => {
    const subject = subjectOf(params);
    const recursive = flag(query, 'recursive');
    const mode = ownMode(registry, subject) ?? (recursive ? undefined : missing(subject));
    await deleteMode(gateway, { subject, recursive }, signal);
    return { mode };
  };
  for (const path of ['/mode', '/mode/:subject']) {
    door.get(path, getMode);
    door.put(path, putMode);
    door.delete(path, removeMode);
  }
}

/** What is set is taken away from names that have it; others are said to be no subjects. */
function missing(subject: string): never {
  throw registryProblems.unknownSubject(`Subject '${subject}' not found.`, { facts: { subject } });
}

function checkedSetting(params: Call['params']): string {
  const subject = subjectOf(params);
  if (subject !== '') checkSubject(subject, true);
  return subject;
}

type AskedConfig = z.output<typeof configBody>;

function readConfig(body: unknown): AskedConfig {
  const parsed = configBody.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badRequest(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not what was expected'}`);
}

function readMode(body: unknown): z.output<typeof modeBody> {
  const parsed = modeBody.safeParse(body);
  if (parsed.success) return parsed.data;
  throw registryProblems.invalidMode('Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD.');
}

/** What is set for a name alone; null: nothing is, and it has no defaults either. */
function ownConfig(registry: Registry, subject: string): ConfigValue | null {
  return registry.configs.get(subject) ?? (hasDefaults(subject) ? {} : null);
}

function ownMode(registry: Registry, subject: string): Mode | null {
  return registry.modes.get(subject) ?? (hasDefaults(subject) ? 'READWRITE' : null);
}

/** What is set now, under the names of what sets it; our own field is no answer that clients know. */
function putAnswer({ compatibilityLevel, ...config }: ConfigValue): object {
  return said({ ...config, compatibility: compatibilityLevel });
}

/** What is set, and the level that counts where none is. */
function configAnswer({ compatibilityLevel, ...config }: ConfigValue): object {
  return { ...said(config), compatibilityLevel: compatibilityLevel ?? defaultLevel };
}

function said(values: object): object {
  const shown = Object.entries(values).filter(([name, value]) => value !== undefined && value !== null && name !== 'guard');
  return Object.fromEntries(shown);
}
