import { expect, test } from '@jest/globals';
import { systemClock } from '@penstock/kernel';
import { Ground } from '../testing/ground.ts';
import { keep } from '../training/train.ts';
import type { Trained } from '../training/training-order.ts';
import { promoteModel } from './promote.ts';
import { registerModel } from './register.ts';
import type { Progress, RunOrder } from './run-order.ts';
import type { StepContext } from './step-context.ts';

const manifest = { parts: [], rows: 1, trainedUntilMs: 5, rowsSha256: 'a'.repeat(64), pipeline: 'rooms', pipelineVersion: 'abc' };

/** As after the step evaluate of a run that found nothing to object to. */
async function judged(ground: Ground): Promise<{ order: RunOrder; progress: Progress; context: StepContext }> {
  const folders = { datasets: ground.folder, models: ground.folder, references: ground.folder };
  const { plan } = { plan: ground.plan().retrain };
  const order: RunOrder = {
    id: 'again',
    model: plan.model,
    alias: plan.alias,
    pipeline: plan.pipeline,
    pipelineVersion: 'abc',
    trigger: { kind: 'api', detail: '' },
    requestedAtMs: 1,
    sinceMs: null,
    dataset: plan,
    ranges: [],
    trainer: plan.trainer,
    gate: plan.gate,
  };
  const trained: Trained = {
    recipe: 'all',
    cut: 0,
    judgedSha256: '',
    modelSha256: await keep(ground.folder, new Uint8Array([1, 2, 3])),
    referenceSha256: null,
    parity: { rows: 1, differenceMax: 0, labelsDiffering: 0 },
    candidates: [],
    baselines: {},
  };
  const progress: Progress = {
    manifest,
    champion: null,
    trained,
    challenger: { balancedAccuracy: 0.95 },
    comparison: null,
    objections: [],
  };
  const context = { models: ground.models, folders, clock: systemClock } as Partial<StepContext> as StepContext;
  return { order, progress, context };
}

test('a step that is done again, as after a crash between its work and its end, changes nothing more', async () => {
  await using ground = await Ground.open();
  const { order, progress, context } = await judged(ground);
  const { catalogue } = ground.models;
  const registered = await Promise.all([registerModel(order, progress, context), registerModel(order, progress, context)]);
  expect(registered).toEqual([{ version: 1 }, { version: 1 }]);
  const whole = { ...progress, version: 1 };
  const promoted = await Promise.all([promoteModel(order, whole, context), promoteModel(order, whole, context)]);
  expect(promoted[1]).toEqual(promoted[0]);
  expect(catalogue.versions('occupancy')).toHaveLength(1);
  expect(catalogue.moves('occupancy')).toHaveLength(1);
  expect(catalogue.runs('occupancy')).toMatchObject([{ outcome: 'promoted', version: 1 }]);
});

test('a model is not promoted over one that came into service meanwhile', async () => {
  await using ground = await Ground.open();
  const { order, progress, context } = await judged(ground);
  const { version } = await registerModel(order, progress, context);
  await ground.models.write((catalogue) =>
    catalogue.move(catalogue.version('occupancy', version), 'production', { id: 'by-hand', reason: '', by: 'somebody', atMs: 1 }),
  );
  const end = await promoteModel(order, { ...progress, version }, context);
  expect(end).toMatchObject({ outcome: 'refused', version });
  expect(end.reason).toContain('meanwhile production was moved from version none to 1');
});
