import { type ModelVersion, referenceRecord } from '@penstock/catalogue';
import { readWhole } from '../data/dataset-file.ts';
import { versionReferenceOf } from '../drift/version-reference.ts';
import { lostFile } from '../problems.ts';
import { readReference } from '../training/train.ts';
import type { Progress, Registered, RunOrder } from './run-order.ts';
import type { StepContext } from './step-context.ts';

/** Records the model as a version of the catalogue, whatever the gate says: who wants to look at it can. Once for a run. */
export async function registerModel(order: RunOrder, progress: Progress, context: StepContext): Promise<Registered> {
  const { trained, resume } = progress;
  if (trained === undefined) throw lostFile(`run ${order.id}: nobody says what was trained; start it anew`);
  const { folders, models, clock } = context;
  const bytes = await readWhole(folders.models, trained.modelSha256);
  const days = trained.referenceSha256 === null ? null : await readReference(folders.references, trained.referenceSha256);
  const entry = entryOf(order, progress, clock.nowMs());
  await models.write((catalogue) => {
    if (registeredBy(order, catalogue.versions(order.model)) !== undefined) return [];
    const { version, records } = catalogue.register(entry, bytes);
    return [...records, referenceRecord(versionReferenceOf(version, { days, resume: resume ?? [] }))];
  });
  const registered = registeredBy(order, models.catalogue.versions(order.model));
  if (registered === undefined) throw lostFile(`run ${order.id}: the version that it registered is not in the catalogue`);
  return { version: registered.version };
}

function registeredBy({ id }: RunOrder, versions: readonly ModelVersion[]): ModelVersion | undefined {
  return versions.find(({ run }) => run === id);
}

function entryOf(
  order: RunOrder,
  { manifest, trained, challenger }: Progress,
  createdAtMs: number,
): Omit<ModelVersion, 'version' | 'sha256' | 'bytes'> {
  if (manifest === undefined || trained === undefined)
    throw lostFile(`run ${order.id}: nobody says what was read; start it anew`);
  const { kind, params, seed } = order.trainer;
  return {
    model: order.model,
    inputs: order.dataset.inputs.map((input) => ({ ...input })),
    trainer: kind,
    params: {
      ...flat(params),
      recipe: trained.recipe,
      ...(order.sinceMs === null ? {} : { sinceMs: order.sinceMs }),
    },
    seed,
    manifest,
    metrics: { ...challenger, ...trained.baselines, 'parity.differenceMax': trained.parity.differenceMax },
    run: order.id,
    trigger: order.trigger,
    createdAtMs,
  };
}

/** `{ earlyStopping: { patience: 20 } }` becomes `{ 'earlyStopping.patience': 20 }`; what is null is left out. */
function flat(params: Readonly<Record<string, unknown>>, prefix = ''): Record<string, number | string | boolean> {
  const entries = Object.entries(params).flatMap(([name, value]): [string, number | string | boolean][] => {
    if (typeof value === 'object' && value !== null)
      return Object.entries(flat(value as Record<string, unknown>, `${prefix}${name}.`));
    if (typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean')
      return [[`${prefix}${name}`, value]];
    return [];
  });
  return Object.fromEntries(entries);
}
