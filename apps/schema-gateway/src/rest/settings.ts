import { configOf, modeOf, type Registry, registryProblems } from '@penstock/registry';
import { z } from 'zod';
import { badRequest } from '../problems.ts';
import { deleteConfig, deleteMode, setConfig, setMode } from '../schemas/change.ts';
import type { Call, Door } from './door.ts';
import { flag } from './request.ts';
import { subjectOf } from './subjects.ts';

/** What is null is taken away, what is not given stays. */
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
const modeBody = z.object({ mode: z.string() });

/** `/config` and `/mode`, for all and for a subject. */
export function addSettingPaths(door: Door): void {
  const { gateway } = door;
  const { registry } = gateway.log.state;
  door.get('/config', () => configAnswer(registry, ''));
  door.get('/config/:subject', ({ params, query }) => {
    const subject = subjectOf(params);
    if (registry.configs.get(subject) !== undefined || flag(query, 'defaultToGlobal')) return configAnswer(registry, subject);
    throw registryProblems.noConfig(`Subject '${subject}' does not have subject-level compatibility configured`);
  });
  const putConfig = async ({ params, body, signal }: Call): Promise<object> => {
    const asked = readConfig(body);
    const { compatibilityPolicy: policy, compatibilityGroup: group, ...others } = asked;
    await setConfig(gateway, { subject: subjectOf(params), policy, group, ...others }, signal);
    return putAnswer(asked);
  };
  const removeConfig = async ({ params, signal }: Call): Promise<object> => {
    const before = configAnswer(registry, subjectOf(params));
    await deleteConfig(gateway, subjectOf(params), signal);
    return before;
  };
  for (const path of ['/config', '/config/:subject']) {
    door.put(path, putConfig);
    door.delete(path, removeConfig);
  }
  addModePaths(door);
}

function addModePaths(door: Door): void {
  const { gateway } = door;
  const { registry } = gateway.log.state;
  door.get('/mode', () => ({ mode: modeOf(registry, '') }));
  door.get('/mode/:subject', ({ params, query }) => {
    const subject = subjectOf(params);
    if (registry.modes.get(subject) !== undefined || flag(query, 'defaultToGlobal')) return { mode: modeOf(registry, subject) };
    throw registryProblems.noMode(`Subject '${subject}' does not have subject-level mode configured`);
  });
  const putMode = async ({ params, query, body, signal }: Call): Promise<object> => {
    const mode = modeBody.safeParse(body).data?.mode ?? '';
    await setMode(gateway, { subject: subjectOf(params), mode, force: flag(query, 'force') }, signal);
    return { mode: mode.toUpperCase() };
  };
  for (const path of ['/mode', '/mode/:subject']) door.put(path, putMode);
  const removeMode = async ({ params, signal }: Call): Promise<object> => {
    const subject = subjectOf(params);
    const before = { mode: modeOf(registry, subject) };
    // The mode of all is that of the default where nothing is set.
    if (subject !== '' || registry.modes.get('') !== undefined) await deleteMode(gateway, subject, signal);
    return before;
  };
  for (const path of ['/mode', '/mode/:subject']) door.delete(path, removeMode);
}

type AskedConfig = z.output<typeof configBody>;

function readConfig(body: unknown): AskedConfig {
  const parsed = configBody.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badRequest(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not what was expected'}`);
}

/** What was asked for, as it was taken; our own field is no answer that clients know. */
function putAnswer(config: AskedConfig): object {
  const { guard: _, compatibility, ...asked } = config;
  const level = typeof compatibility === 'string' ? { compatibility: compatibility.toUpperCase() } : {};
  return { ...said(asked), ...level };
}

/** What is set for the subject, or for all, and the level that counts. */
function configAnswer(registry: Registry, subject: string): object {
  const { guard: _, compatibilityLevel, ...own } = registry.configs.get(subject) ?? registry.configs.get('') ?? {};
  return { ...said(own), compatibilityLevel: compatibilityLevel ?? configOf(registry, subject).level };
}

function said(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
}
