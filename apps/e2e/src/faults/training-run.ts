import { models, retrain } from '@penstock/contracts';
import { createGrpcClient } from '@penstock/service';
import { occupancy } from './prepare-pipeline.ts';

const deadlineMs = 5_000;

/** Asks for a run under a name of its own and resolves while it trains. */
export async function startTraining(retrainer: string, runId: string): Promise<void> {
  using client = createGrpcClient(retrain.RetrainServiceClient, retrainer, { deadlineMs });
  await client.start({ model: occupancy.model, reason: 'under fault', runId });
  for await (const { item } of client.watch({ runId })) {
    if (item?.$case === 'run' && item.value.state !== retrain.RunState.RUNNING)
      throw new Error(`run ${runId} ended before its fault: ${item.value.reason}`);
    if (item?.$case !== 'step') continue;
    const { name, state } = item.value;
    if (name === 'train' && state === retrain.StepState.ACTIVE) return;
  }
}

export async function isTraining(retrainer: string, runId: string): Promise<boolean> {
  return (await stateOf(retrainer, runId)) === retrain.RunState.RUNNING;
}

/** True when the run has come to a verdict as if nothing had happened, with one version to its name. */
export async function hasEndedWell(retrainer: string, modelServer: string, runId: string): Promise<boolean> {
  const state = await stateOf(retrainer, runId);
  const judged = state === retrain.RunState.PROMOTED || state === retrain.RunState.REFUSED;
  return judged && (await versionsOf(modelServer, runId)) === 1;
}

async function stateOf(retrainer: string, runId: string): Promise<retrain.RunState | undefined> {
  using client = createGrpcClient(retrain.RetrainServiceClient, retrainer, { deadlineMs, retries: 0 });
  const { runs } = await client.list({ model: occupancy.model, limit: 50 });
  return runs.find(({ id }) => id === runId)?.state;
}

async function versionsOf(modelServer: string, runId: string): Promise<number> {
  using client = createGrpcClient(models.ModelsServiceClient, modelServer, { deadlineMs, retries: 0 });
  const { model } = await client.getModel({ model: occupancy.model });
  return model?.versions.filter(({ run }) => run === runId).length ?? 0;
}
