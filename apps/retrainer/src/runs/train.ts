import { lostFile, tooSlow } from '../problems.ts';
import { trainApart } from '../training/train-apart.ts';
import type { Trained } from '../training/training-order.ts';
import type { Progress, RunOrder } from './run-order.ts';
import type { StepContext } from './step-context.ts';

/** A training that takes longer is given up. */
const trainingMsMax = 3_600_000;

/** Trains in a thread of its own; the models stay in files. */
export async function trainModel(order: RunOrder, progress: Progress, context: StepContext): Promise<{ trained: Trained }> {
  const { manifest, champion } = progress;
  if (manifest === undefined) throw lostFile(`run ${order.id}: nobody says what was read; start it anew`);
  const { params, seed } = order.trainer;
  const { sinceMs, gate } = order;
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(tooSlow(`the training took more than ${trainingMsMax / 60_000} minutes: train fewer or smaller trees`)),
    trainingMsMax,
  );
  const trained = await trainApart(
    {
      folders: context.folders,
      datasetSha256: manifest.rowsSha256,
      params,
      seed,
      metric: gate.metric,
      sinceMs,
      championReferenceSha256: champion?.referenceSha256 ?? null,
    },
    { tell: context.tell, signal: AbortSignal.any([context.signal, limit.signal]) },
  ).finally(() => clearTimeout(timer));
  return { trained };
}
