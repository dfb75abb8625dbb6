import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { retrain } from '@penstock/contracts';
import { createGrpcClient, type GrpcClient } from '@penstock/service';
import { until } from '@penstock/testing';
import { Deployment, type RetrainerProcess } from './testing/deployment.ts';
import { office } from './testing/office.ts';

type Client = GrpcClient<typeof retrain.RetrainServiceService>;

const patience = { deadlineMs: 60_000 };
const retrainSection = `
retrain:
  model: occupancy
  dataset: { features: rooms.features, labels: rooms.labels, withinMs: 600000 }
  trainer: { kind: gradient-boosted-trees, target: occupied, params: { treesMax: 400 } }
  when: [{ drift: { calibrated: true } }]
  gate: { metric: balancedAccuracy, atLeast: 0.9 }
`;
let deployment: Deployment;

beforeAll(async () => {
  deployment = await Deployment.open(retrainSection);
  await deployment.publish(office({ days: 12, rooms: ['b/r', 'b/s'] }));
}, 120_000);

afterAll(() => deployment?.[Symbol.asyncDispose](), 60_000);

async function clientOf(process: RetrainerProcess): Promise<Client> {
  return createGrpcClient({ service: retrain.RetrainServiceService }, await process.address());
}

async function inStep(client: Client, runId: string, step: string): Promise<void> {
  for await (const { item } of client.watch({ runId }))
    if (item?.$case === 'step' && item.value.name === step && item.value.state !== retrain.StepState.WAITING) return;
  throw new Error(`run ${runId} ended before its step ${step}`);
}

async function endOf(client: Client, runId: string): Promise<retrain.Run> {
  for await (const { item } of client.watch({ runId })) if (item?.$case === 'run') return item.value;
  throw new Error(`the watch of run ${runId} ended without its end`);
}

/** What the catalogue says of a run, which no job can tell otherwise. */
function outcomeOf(runId: string): object {
  const { catalogue } = deployment.models;
  return {
    outcome: catalogue.run(runId)?.outcome,
    versions: catalogue.versions('occupancy').filter(({ run }) => run === runId).length,
    moves: catalogue.moves('occupancy').filter(({ id }) => id === runId).length,
  };
}

const once = { outcome: 'promoted', versions: 1, moves: 1 };

test.each(['snapshot', 'train', 'promote'])(
  'a retrainer that is killed at the step %s: the run goes on, and promotes once',
  async (step) => {
    const runId = `killed-at-${step}`;
    const killed = deployment.start();
    using client = await clientOf(killed);
    await client.start({ model: 'occupancy', reason: 'to be killed', runId });
    await inStep(client, runId, step);
    await killed.end('SIGKILL');
    await deployment.models.sync();
    const wasOver = deployment.models.catalogue.run(runId) !== null;
    const successor = deployment.start();
    using after = await clientOf(successor);
    expect((await endOf(after, runId)).state).toBe(retrain.RunState.PROMOTED);
    expect(outcomeOf(runId)).toEqual(once);
    if (step === 'train') expect(wasOver).toBe(false); // else nothing was tried
    await until(
      async () =>
        (await after.list({ model: 'occupancy', limit: 0 })).runs.every(({ state }) => state !== retrain.RunState.RUNNING),
      {
        ...patience,
        what: 'the model to be free',
      },
    );
    expect(await successor.end('SIGTERM')).toBe(0);
  },
  90_000,
);

test('Redis that is killed in the middle of a training comes back with the run', async () => {
  const running = deployment.start();
  using client = await clientOf(running);
  await client.start({ model: 'occupancy', reason: 'redis dies', runId: 'redis-killed' });
  await inStep(client, 'redis-killed', 'train');
  await deployment.brokers.redis.kill();
  await deployment.brokers.redis.start();
  await until(() => deployment.models.catalogue.run('redis-killed') !== null, { ...patience, what: 'the end of the run' });
  expect(outcomeOf('redis-killed')).toEqual(once);
  expect(await running.end('SIGTERM')).toBe(0);
}, 90_000);

test('a retrainer that is asked to end hands its training back, and another one takes it', async () => {
  const first = deployment.start();
  using client = await clientOf(first);
  await client.start({ model: 'occupancy', reason: 'handed over', runId: 'handed-over' });
  await inStep(client, 'handed-over', 'train');
  expect(await first.end('SIGTERM')).toBe(0);
  await deployment.models.sync();
  expect(deployment.models.catalogue.run('handed-over')).toBeNull();
  const second = deployment.start();
  using after = await clientOf(second);
  expect((await endOf(after, 'handed-over')).state).toBe(retrain.RunState.PROMOTED);
  expect(outcomeOf('handed-over')).toEqual(once);
  expect(await second.end('SIGTERM')).toBe(0);
}, 90_000);
