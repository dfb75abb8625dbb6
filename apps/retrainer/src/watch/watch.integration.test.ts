import { expect, test } from '@jest/globals';
import { until } from '@penstock/testing';
import { Ground } from '../testing/ground.ts';
import { office } from '../testing/office.ts';

const patience = { deadlineMs: 20_000 };

test('drift is noticed at the end of its first whole day, and a better model is promoted; ordinary days raise nothing', async () => {
  await using ground = await Ground.open();
  await using retrainer = await ground.retrainer();
  const { catalogue } = ground.models;
  await ground.publish(office({ days: 10 }));
  await retrainer.apply('rooms', ground.plan({ when: [{ kind: 'drift' }] }));
  await retrainer.runs.start(retrainer.trainingOf('occupancy'), { kind: 'api', detail: 'first' });
  await until(() => catalogue.resolve('occupancy', 'production')?.version === 1, { ...patience, what: 'the first model' });
  await ground.publish(office({ firstDay: 10, days: 2 }));
  await until(() => ground.lines.filter(({ event }) => event === 'drift.day').length === 1, { ...patience, what: 'day 10' });
  expect(catalogue.alarms('occupancy')).toEqual([]);
  await ground.publish(office({ firstDay: 12, days: 1, shiftDay: 12 }));
  await until(() => ground.lines.filter(({ event }) => event === 'drift.day').length === 2, { ...patience, what: 'day 11' });
  expect(catalogue.alarms('occupancy')).toEqual([]); // day 12 may yet go on
  const tomorrow = office({ firstDay: 13, days: 1, shiftDay: 12 });
  await ground.publish({ features: tomorrow.features.slice(0, 1), labels: tomorrow.labels.slice(0, 1) });
  await until(() => catalogue.resolve('occupancy', 'production')?.version === 2, { ...patience, what: 'the second model' });
  expect(catalogue.alarms('occupancy')).toMatchObject([
    { version: 1, sinceDay: '1970-01-13', day: '1970-01-13', clearedDay: expect.any(String) },
  ]);
  const [, run] = catalogue.runs('occupancy');
  expect(run).toMatchObject({ outcome: 'promoted', trigger: { kind: 'drift' }, id: 'occupancy-drift-v1-1970-01-13' });
  expect(run?.trigger.detail).toContain('errors');
  expect(run?.champion['balancedAccuracy']).toBeLessThan(0.7);
  expect(run?.metrics['balancedAccuracy']).toBeGreaterThan(0.9);
});

test('the first model is trained when enough labels are there, and the next one after as many new ones', async () => {
  await using ground = await Ground.open();
  await using retrainer = await ground.retrainer();
  const { catalogue } = ground.models;
  await retrainer.apply('rooms', ground.plan({ when: [{ kind: 'newRows', rows: 2_500 }] }));
  await ground.publish(office({ days: 8 }));
  await ground.publish(office({ firstDay: 8, days: 1 }));
  await until(() => catalogue.runs('occupancy').length === 1, { ...patience, what: 'a run' });
  expect(catalogue.runs('occupancy')).toMatchObject([{ outcome: 'promoted', trigger: { kind: 'newRows' } }]);
  await ground.publish(office({ firstDay: 9, days: 8 }));
  await ground.publish(office({ firstDay: 17, days: 1 }));
  await until(() => catalogue.runs('occupancy').length === 2, { ...patience, what: 'another run' });
  expect(catalogue.runs('occupancy')[1]).toMatchObject({ trigger: { kind: 'newRows' }, version: 2 });
});

test('a restarted watch comes to the same alarm and does not ask for the same run again', async () => {
  await using ground = await Ground.open();
  const { catalogue } = ground.models;
  const strict = ground.plan({ when: [{ kind: 'drift' }], gate: { metric: 'accuracy', atLeast: 1, notWorseThanChampion: true } });
  await ground.publish(office({ days: 10 }));
  {
    await using first = await ground.retrainer();
    await first.apply('rooms', ground.plan());
    await first.runs.start(first.trainingOf('occupancy'), { kind: 'api', detail: 'first' });
    await until(() => catalogue.resolve('occupancy', 'production') !== null, { ...patience, what: 'the first model' });
    await first.apply('rooms', strict);
    await ground.publish(office({ firstDay: 10, days: 2, shiftDay: 10 }));
    await until(() => catalogue.runs('occupancy').length === 2, { ...patience, what: 'the run that the drift wants' });
  }
  expect(catalogue.runs('occupancy')[1]).toMatchObject({ outcome: 'refused', trigger: { kind: 'drift' } });
  const before = { alarms: catalogue.alarms('occupancy'), runs: catalogue.runs('occupancy') };
  expect(before.alarms).toMatchObject([{ version: 1, sinceDay: '1970-01-11', clearedDay: null }]);
  await using second = await ground.retrainer();
  ground.lines.length = 0;
  await second.apply('rooms', strict);
  await until(() => ground.lines.some(({ event }) => event === 'drift.day'), {
    ...patience,
    what: 'the same day, judged again',
  });
  await ground.publish(office({ firstDay: 12, days: 1, shiftDay: 10 }));
  await until(() => catalogue.runs('occupancy').length === 3, { ...patience, what: 'the run of the next day, with its labels' });
  expect(catalogue.runs('occupancy').slice(0, 2)).toEqual(before.runs);
  expect(catalogue.alarms('occupancy')).toMatchObject([{ id: before.alarms[0]?.id, lastDay: '1970-01-12', clearedDay: null }]);
});

test('a schedule starts runs, and none after its document was taken away', async () => {
  await using ground = await Ground.open();
  await using retrainer = await ground.retrainer();
  const { catalogue } = ground.models;
  await ground.publish(office({ days: 10 }));
  await retrainer.apply('rooms', ground.plan({ when: [{ kind: 'schedule', cron: '* * * * * *' }] })); // every second
  await until(() => catalogue.runs('occupancy').length > 0, { ...patience, what: 'a run' });
  expect(catalogue.runs('occupancy')[0]).toMatchObject({
    outcome: 'promoted',
    trigger: { kind: 'schedule', detail: '* * * * * *' },
  });
  await retrainer.apply('rooms', null);
  await until(async () => (await retrainer.runs.list('occupancy')).every((now) => 'ended' in now), {
    ...patience,
    what: 'quiet',
  });
  const started = (): number => ground.lines.filter(({ event }) => event === 'retrain.started').length;
  const before = started();
  await retrainer.apply('rooms', ground.plan());
  expect(
    (await retrainer.runs.start(retrainer.trainingOf('occupancy'), { kind: 'api', detail: '' }, 'asked')).valueOf(),
  ).toBeDefined();
  await until(() => catalogue.run('asked') !== null, { ...patience, what: 'a run that somebody asked for' });
  expect(started()).toBe(before + 1);
});
