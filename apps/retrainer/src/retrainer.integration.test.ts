import { expect, test } from '@jest/globals';
import type { TrainingRun } from '@penstock/catalogue';
import { until } from '@penstock/testing';
import type { Retrainer } from './retrainer.ts';
import type { RunNow } from './runs/runs.ts';
import { Ground } from './testing/ground.ts';
import { office } from './testing/office.ts';

const never = new AbortController().signal;

async function train(retrainer: Retrainer, id: string): Promise<{ run: TrainingRun; steps: string[] }> {
  const started: RunNow = await retrainer.runs.start(retrainer.trainingOf('occupancy'), { kind: 'api', detail: 'test' }, id);
  if ('ended' in started) return { run: started.ended, steps: [] };
  const steps: string[] = [];
  for await (const item of retrainer.runs.watch(id, never)) {
    if ('outcome' in item) return { run: item, steps };
    if (item.state === 'done') steps.push(item.step);
  }
  throw new Error('the watch ended without an end');
}

test('from records in Kafka to a promoted model, with what speaks for it', async () => {
  await using ground = await Ground.open();
  await using retrainer = await ground.retrainer();
  await ground.publish(office({ days: 10, rooms: ['b/r', 'b/s'] }));
  await retrainer.apply('rooms', ground.plan());
  const { run, steps } = await train(retrainer, 'first');
  expect(run).toMatchObject({ outcome: 'promoted', version: 1, trigger: { kind: 'api', detail: 'test' } });
  expect(run.metrics['balancedAccuracy']).toBeGreaterThan(0.95);
  expect(run.baselines['majority.balancedAccuracy']).toBe(0.5);
  expect(run.baselines['threshold.balancedAccuracy']).toBeGreaterThan(0.9);
  expect(steps).toEqual(['snapshot', 'train', 'evaluate', 'register', 'promote']);
  const version = ground.models.catalogue.resolve('occupancy', 'production');
  expect(version).toMatchObject({ version: 1, run: 'first', seed: 1, inputs: [{ name: 'lightMean', type: 'number' }] });
  expect(version?.manifest).toMatchObject({ rows: 5_760, pipeline: 'rooms', pipelineVersion: 'abc' });
  expect(version?.manifest.parts.reduce((sum, { records }) => sum + records, 0)).toBe(2 * 5_760);
  expect(ground.models.catalogue.moves('occupancy')).toMatchObject([{ id: 'first', from: null, to: 1, by: 'retrainer' }]);
  expect(ground.models.catalogue.bytes(version as NonNullable<typeof version>).length).toBeGreaterThan(1_000);
});

test('the same records, parameters and seed give the same bytes; asking for a run twice gives one', async () => {
  await using ground = await Ground.open();
  await using retrainer = await ground.retrainer();
  await ground.publish(office({ days: 10 }));
  await retrainer.apply('rooms', ground.plan());
  const [first, second] = [await train(retrainer, 'first'), await train(retrainer, 'second')];
  expect(second.run).toMatchObject({ outcome: 'promoted', version: 2 });
  const { catalogue } = ground.models;
  expect(catalogue.version('occupancy', 2).sha256).toBe(catalogue.version('occupancy', 1).sha256);
  expect(catalogue.version('occupancy', 2).manifest).toEqual(catalogue.version('occupancy', 1).manifest);
  expect((await train(retrainer, 'first')).run).toEqual(first.run);
  expect(catalogue.versions('occupancy')).toHaveLength(2);
});

test('a model that does not reach what its gate asks for is registered and not promoted', async () => {
  await using ground = await Ground.open();
  await using retrainer = await ground.retrainer();
  await ground.publish(office({ days: 10 }));
  await retrainer.apply('rooms', ground.plan({ gate: { metric: 'accuracy', atLeast: 0.9999, notWorseThanChampion: true } }));
  const { run } = await train(retrainer, 'first');
  expect(run).toMatchObject({ outcome: 'refused', version: 1 });
  expect(run.reason).toMatch(/^accuracy 0\.9\d+, at least 0\.9999 is asked for$/);
  expect(ground.models.catalogue.resolve('occupancy', 'production')).toBeNull();
});

test('a run ends when it is cancelled, and the model is free for the next one', async () => {
  await using ground = await Ground.open();
  await using retrainer = await ground.retrainer();
  await ground.publish(office({ days: 10 }));
  await retrainer.apply(
    'rooms',
    ground.plan({ trainer: { kind: 'gradient-boosted-trees', seed: 1, params: { treesMax: 5_000 } } }),
  );
  const training = retrainer.trainingOf('occupancy');
  await retrainer.runs.start(training, { kind: 'api', detail: '' }, 'long');
  await expect(retrainer.runs.start(training, { kind: 'api', detail: '' }, 'other')).rejects.toMatchObject({
    code: 'retrain.already-running',
  });
  await until(async () => isTraining(await retrainer.runs.find('long')), { deadlineMs: 10_000, what: 'the training to begin' });
  expect(await retrainer.runs.cancel('long', never)).toMatchObject({ outcome: 'cancelled', version: null });
  await retrainer.apply('rooms', ground.plan());
  expect((await train(retrainer, 'next')).run.outcome).toBe('promoted');
});

function isTraining(now: RunNow | null): boolean {
  return now !== null && 'running' in now && now.running.steps.some(({ step, state }) => step === 'train' && state === 'active');
}

test('records that make no dataset fail the run, and the reason says what is missing', async () => {
  await using ground = await Ground.open();
  await using retrainer = await ground.retrainer();
  await retrainer.apply('rooms', ground.plan());
  const { run } = await train(retrainer, 'empty');
  expect(run).toMatchObject({ outcome: 'failed', version: null });
  expect(run.reason).toMatch(/^train: .*labelled rows/);
});

test('without Redis a run is refused as an outage, and everything still closes', async () => {
  await using ground = await Ground.open();
  await using retrainer = await ground.retrainer({ redis: { url: 'redis://127.0.0.1:1', prefix: 'nowhere' } });
  const training = { plan: ground.plan().retrain, pipelineVersion: 'abc' };
  await expect(retrainer.runs.start(training, { kind: 'api', detail: '' })).rejects.toMatchObject({
    code: 'retrain.redis-unreachable',
  });
  expect(ground.lines.filter(({ event }) => event === 'retrain.redis-outage')).toHaveLength(1);
});
