import type { ModelInput, OpenCatalogue } from '@penstock/catalogue';
import type { AppliedPipeline, AppliedSchema } from '@penstock/document';
import { Problem } from '@penstock/kernel';
import { registryProblems, type StoredVersion } from '@penstock/registry';
import type { State } from '../log/state.ts';
import { appliedOf } from './applied-schema.ts';

export type ModelInputs = ReadonlyMap<string, readonly ModelInput[]>;

/** Everything that is applied now. */
export function appliedPipelines(state: State): AppliedPipeline[] {
  return state.pipelines.keys().flatMap((pipeline) => state.pipelines.get(pipeline) ?? []);
}

/** The latest live version of each subject, with the message that pipelines read it as. */
export function registeredSchemas(state: State): Map<string, AppliedSchema> {
  const messages = new Map<string, string>();
  for (const { schemas } of appliedPipelines(state)) {
    for (const { subject, message } of Object.values(schemas)) if (message !== undefined) messages.set(subject, message);
  }
  const registered = new Map<string, AppliedSchema>();
  for (const subject of state.registry.subjects.keys()) {
    const latest = state.registry.versions(subject).findLast(({ deleted }) => !deleted);
    if (latest === undefined) continue;
    const message = messages.get(subject);
    const schema = registeredSchema(state, latest);
    if (schema !== null) registered.set(subject, { ...schema, ...(message === undefined ? {} : { message }) });
  }
  return registered;
}

/** A version that was not deleted for good; null when there is none. */
export function registeredVersion(state: State, subject: string, version: number): AppliedSchema | null {
  const stored = state.registry.version(subject, version);
  return stored === undefined ? null : registeredSchema(state, stored);
}

/** Null for one that refers to what is not there, as a registry may say that was moved in parts. */
export function registeredSchema({ registry }: State, { subject, version, content }: StoredVersion): AppliedSchema | null {
  try {
    return appliedOf(registry, content, { subject, version, id: content.id });
  } catch (thrown) {
    if (thrown instanceof Problem && registryProblems.invalidSchema.caused(thrown)) return null;
    throw thrown;
  }
}

/** Inputs by `<model>/<alias>`, of every alias that points at a version. */
export function modelInputs({ catalogue }: Pick<OpenCatalogue, 'catalogue'>): ModelInputs {
  const inputs = new Map<string, readonly ModelInput[]>();
  for (const model of catalogue.models()) {
    for (const { alias } of catalogue.aliases(model)) {
      const version = catalogue.resolve(model, alias);
      if (version !== null) inputs.set(`${model}/${alias}`, version.inputs);
    }
  }
  return inputs;
}
