import { createHash } from 'node:crypto';
import { parseTreeParams } from '@penstock/training';
import { readDatasetFile, readWhole, writeWhole } from '../data/dataset-file.ts';
import type { DayReference } from '../drift/reference.ts';
import { trainChallenger } from './challenger.ts';
import type { Trained, TrainingOrder } from './training-order.ts';

/** Carries out an order: reads the dataset's file, trains, and leaves the models in files that go by their hashes. */
export async function train(order: TrainingOrder, tell: (what: string) => void): Promise<Trained> {
  const { folders, seed, metric, sinceMs } = order;
  const dataset = await readDatasetFile(folders.datasets, order.datasetSha256);
  const championReference =
    order.championReferenceSha256 === null ? null : await readReference(folders.references, order.championReferenceSha256);
  const params = parseTreeParams(order.params);
  const challenger = await trainChallenger(dataset, { params, seed, metric, sinceMs, championReference, tell });
  const { recipe, cut, judged, model, parity, candidates, baselines, reference } = challenger;
  return {
    recipe,
    cut,
    judgedSha256: await keep(folders.models, judged),
    modelSha256: await keep(folders.models, model),
    referenceSha256: reference === null ? null : await writeReference(folders.references, reference),
    parity,
    candidates,
    baselines,
  };
}

/** Stores bytes under their hash, and answers it. */
export async function keep(folder: string, bytes: Uint8Array): Promise<string> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await writeWhole(folder, sha256, bytes);
  return sha256;
}

export function writeReference(folder: string, reference: DayReference): Promise<string> {
  return keep(folder, Buffer.from(JSON.stringify(reference)));
}

export async function readReference(folder: string, sha256: string): Promise<DayReference> {
  return JSON.parse((await readWhole(folder, sha256)).toString()) as DayReference;
}
