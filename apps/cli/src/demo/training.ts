import { randomBytes } from 'node:crypto';
import { models, retrain } from '@penstock/contracts';
import { messageOf } from '@penstock/kernel';
import { createGrpcClient } from '@penstock/service';
import { trainingFailed } from './problems.ts';
import { rooms } from './rooms.ts';
import { modelInputs } from './stored-predictions.ts';

const deadlineMs = 20_000;

/** Asks for a run by the API and waits for its end. Throws when nothing was promoted. */
export async function trainFirst(retrainer: string, said: (step: string) => void): Promise<retrain.Run> {
  using client = createGrpcClient(retrain.RetrainServiceClient, retrainer, { deadlineMs });
  const { run } = await client.start({ model: rooms.model, reason: 'the first model of the demo', runId: '' });
  for await (const { item } of client.watch({ runId: run?.id ?? '' })) {
    if (item?.$case === 'step' && item.value.state === retrain.StepState.ACTIVE) said(item.value.name);
    if (item?.$case !== 'run' || item.value.state === retrain.RunState.RUNNING) continue;
    if (item.value.state === retrain.RunState.PROMOTED) return item.value;
    throw trainingFailed(`the first model was not promoted: ${item.value.reason}`);
  }
  throw trainingFailed('the training ended without a word');
}

export interface TrainingNews {
  readonly runs: readonly retrain.Run[];
  readonly alarms: readonly retrain.Alarm[];
}

/** All runs and alarms there are; null while the retrainer does not answer. */
export async function askRetrainer(address: string): Promise<TrainingNews | null> {
  using client = createGrpcClient(retrain.RetrainServiceClient, address, { deadlineMs: 2_000, retries: 0 });
  try {
    const [{ runs }, { alarms }] = await Promise.all([
      client.list({ model: rooms.model, limit: 100 }),
      client.listAlarms({ model: rooms.model, standing: false }),
    ]);
    return { runs, alarms };
  } catch {
    return null;
  }
}

/** What is known of the model; null while nobody answers or there is none. */
export async function askModel(modelServer: string): Promise<models.Model | null> {
  using client = createGrpcClient(models.ModelsServiceClient, modelServer, { deadlineMs: 2_000, retries: 0 });
  const answer = await client.getModel({ model: rooms.model }).catch(() => null);
  return answer?.model ?? null;
}

/** The version that really answers behind the alias; 0 while none does. */
export function servedBy(model: models.Model | null): number {
  return model?.aliases.find(({ alias }) => alias === rooms.alias)?.serving ?? 0;
}

/** Brings along bytes that are no model. Answers why they were refused; null when they were taken. */
export async function registerCorrupt(modelServer: string): Promise<string | null> {
  using client = createGrpcClient(models.ModelsServiceClient, modelServer, { deadlineMs });
  const registration = models.Registration.fromPartial({
    model: rooms.model,
    inputs: modelInputs.map((name) => ({ name, type: 'number' })),
    trainer: 'nobody',
  });
  async function* parts(): AsyncGenerator<models.RegisterModelRequest> {
    yield { part: { $case: 'registration', value: registration } };
    yield { part: { $case: 'chunk', value: randomBytes(4_096) } };
  }
  try {
    await client.registerModel(parts());
    return null;
  } catch (thrown) {
    return messageOf(thrown);
  }
}
