import { configOf, modeOf, type Registry, registryProblems } from '@penstock/registry';
import { z } from 'zod';
import { deleteConfig, deleteMode, setConfig, setMode } from '../schemas/change.ts';
import type { Call, Door } from './door.ts';
import { flag } from './request.ts';
import { subjectOf } from './subjects.ts';

const configBody = z.object({
  compatibility: z.string().nullish(),
  normalize: z.boolean().nullish(),
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
    const change = configBody.safeParse(body).data ?? {};
    const compatibility = change.compatibility ?? undefined;
    const normalize = change.normalize ?? undefined;
    await setConfig(gateway, { subject: subjectOf(params), compatibility, normalize, guard: change.guard ?? undefined }, signal);
    return {
      ...(compatibility === undefined ? {} : { compatibility: compatibility.toUpperCase() }),
      ...(normalize === undefined ? {} : { normalize }),
    };
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
  door.delete('/mode/:subject', async ({ params, signal }) => {
    const before = { mode: modeOf(registry, subjectOf(params)) };
    await deleteMode(gateway, subjectOf(params), signal);
    return before;
  });
}

/** What is set, and the level that counts. */
function configAnswer(registry: Registry, subject: string): object {
  const own = registry.configs.get(subject);
  const { level, normalize } = configOf(registry, subject);
  const isNormalizeSet = typeof own?.normalize === 'boolean';
  return { compatibilityLevel: level, ...(isNormalizeSet ? { normalize } : {}) };
}
