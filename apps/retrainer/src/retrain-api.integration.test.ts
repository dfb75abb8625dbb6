import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { retrain } from '@penstock/contracts';
import { createGrpcClient, defineService, type GrpcClient, type OpenService, openService } from '@penstock/service';
import { until } from '@penstock/testing';
import { z } from 'zod';
import { serveRetrain } from './retrain-api.ts';
import { Ground } from './testing/ground.ts';
import { office } from './testing/office.ts';

const opened = new AsyncDisposableStack();
let ground: Ground;
let client: GrpcClient<typeof retrain.RetrainServiceService>;

beforeAll(async () => {
  ground = opened.use(await Ground.open());
  const retrainer = opened.use(await ground.retrainer());
  await ground.publish(office({ days: 10 }));
  await retrainer.apply('rooms', ground.plan({ when: [{ kind: 'drift' }] }));
  const served = defineService({
    name: 'retrainer',
    config: z.strictObject({}),
    async open({ server }) {
      serveRetrain(server, { retrainer, models: ground.models });
      return { drain: async () => undefined, [Symbol.asyncDispose]: async () => undefined };
    },
  });
  const service: OpenService = opened.use(await openService(served, { env: {}, write: () => undefined }));
  client = opened.use(createGrpcClient({ service: retrain.RetrainServiceService }, service.address));
});

afterAll(() => opened.disposeAsync());

test('a run is started, watched step by step to its end, and listed', async () => {
  const { run } = await client.start({ model: 'occupancy', reason: 'because', runId: 'asked' });
  expect(run).toMatchObject({
    id: 'asked',
    model: 'occupancy',
    state: retrain.RunState.RUNNING,
    trigger: { kind: 'api', detail: 'because' },
  });
  const done: string[] = [];
  let ended: retrain.Run | undefined;
  for await (const { item } of client.watch({ runId: 'asked' })) {
    if (item?.$case === 'run') ended = item.value;
    else if (item?.value.state === retrain.StepState.DONE) done.push(item.value.name);
  }
  expect(done).toEqual(['snapshot', 'train', 'evaluate', 'register', 'promote']);
  expect(ended).toMatchObject({ state: retrain.RunState.PROMOTED, version: 1 });
  expect(ended?.metrics.get('balancedAccuracy')).toBeGreaterThan(0.9);
  expect(ended?.trainedUntilMs).toBe(BigInt(10 * 86_400_000 - 300_000));
  const { runs } = await client.list({ model: '', limit: 0 });
  expect(runs.map(({ id, state }) => [id, state])).toEqual([['asked', retrain.RunState.PROMOTED]]);
  expect((await client.cancel({ runId: 'asked' })).run?.state).toBe(retrain.RunState.PROMOTED); // it was faster
  expect((await client.start({ model: 'occupancy', reason: 'again', runId: 'asked' })).run?.state).toBe(
    retrain.RunState.PROMOTED,
  );
});

test('alarms are told as they are raised, and listed', async () => {
  const heard: retrain.Alarm[] = [];
  const listening = new AbortController();
  const hearing = (async () => {
    for await (const { alarm } of client.watchAlarms({ model: 'occupancy' }, { signal: listening.signal }))
      if (alarm) heard.push(alarm);
  })().catch(() => undefined);
  await ground.publish(office({ firstDay: 10, days: 2, shiftDay: 10 }));
  await until(() => heard.some(({ clearedDay }) => clearedDay !== ''), { deadlineMs: 20_000, what: 'an alarm and its end' });
  listening.abort();
  await hearing;
  expect(heard[0]).toMatchObject({ model: 'occupancy', version: 1, sinceDay: '1970-01-11', clearedDay: '' });
  expect(heard[0]?.readings.find(({ name }) => name === 'error')?.drifted).toBe(true);
  expect((await client.listAlarms({ model: '', standing: false })).alarms.map(({ id }) => id)).toEqual([heard[0]?.id]);
  expect((await client.listAlarms({ model: '', standing: true })).alarms).toEqual([]);
});

test.each([
  ['a model that nobody trains', () => client.start({ model: 'weather', reason: '', runId: '' }), 'retrain.no-such-model'],
  ['an id that is none', () => client.start({ model: 'occupancy', reason: '', runId: 'a:b' }), 'retrain.bad-request'],
  ['the end of a run that there is not', () => client.cancel({ runId: 'nowhere' }), 'retrain.no-such-run'],
])('refuses %s', async (_, ask, code) => {
  await expect(ask()).rejects.toMatchObject({ code });
});
