import type { ModelInput, OpenCatalogue } from '@penstock/catalogue';
import type { AppliedPipeline, AppliedSchema } from '@penstock/document';
import type { State } from '../log/state.ts';

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
    const { id, format, text } = latest.content;
    const message = messages.get(subject);
    registered.set(subject, {
      subject,
      id,
      version: latest.version,
      format,
      text,
      ...(message === undefined ? {} : { message }),
    });
  }
  return registered;
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
