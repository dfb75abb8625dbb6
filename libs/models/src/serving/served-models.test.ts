import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '@penstock/kernel';
import { until } from '@penstock/testing';
import { createMemoryCatalogue, type MemoryCatalogue } from '../fixtures/memory-catalogue.ts';
import { createModel } from '../fixtures/models.ts';
import { type ModelPool, openModelPool } from '../pool.ts';
import { createPredictor } from './predictor.ts';
import { ServedModels } from './served-models.ts';

const model = 'occupancy';
const nonsense = new TextEncoder().encode('no model');
const row = Float32Array.of(700, 100);
let bytes: readonly Uint8Array[] = [];
beforeAll(async () => {
  bytes = await Promise.all([1, 2, 3, 4].map(createModel));
});

let pool: ModelPool;
let catalogue: MemoryCatalogue;
let models: ServedModels;
const told: string[] = [];

beforeEach(() => {
  told.length = 0;
  pool = openModelPool({ workers: 1 });
  catalogue = createMemoryCatalogue();
  models = new ServedModels({
    catalogue,
    pool,
    clock: systemClock,
    random: Math.random,
    events: {
      swapped: ({ serving }, { from }) => told.push(`${from} to ${serving?.entry.version}`),
      refused: ({ serving }, version, { code }) =>
        told.push(`${version} refused by ${code}, ${serving?.entry.version ?? 'nothing'} serves`),
    },
  });
});
afterEach(async () => {
  await models[Symbol.asyncDispose]();
  await pool[Symbol.asyncDispose]();
});

function register(count: number): void {
  for (const part of bytes.slice(0, count)) catalogue.register(model, part);
}

async function moveTo(version: number, alias = 'production'): Promise<void> {
  catalogue.move(model, alias, version);
  await models.follow(model, alias);
}

const serving = (alias = 'production'): number | undefined => models.alias(model, alias)?.serving?.entry.version;
const predictor = () => createPredictor(models, { model, alias: 'production' });

describe('an alias', () => {
  test('serves where it points, and again after a restart', async () => {
    register(2);
    await moveTo(2);
    expect(serving()).toBe(2);
    const again = new ServedModels({
      catalogue,
      pool,
      clock: systemClock,
      random: Math.random,
      events: { swapped: () => undefined, refused: () => undefined },
    });
    await again.open();
    expect(again.alias(model, 'production')?.serving?.entry.version).toBe(2);
    await again[Symbol.asyncDispose]();
  });

  test('keeps the version before it loaded, so that going back loads nothing, and lets go of older ones', async () => {
    register(3);
    for (const version of [1, 2, 3]) await moveTo(version);
    await until(() => models.stateOf({ model, version: 1 }).state === 'stored', {
      deadlineMs: 5_000,
      what: 'version 1 to leave',
    });
    expect([2, 3].map((version) => models.stateOf({ model, version }).state)).toEqual(['ready', 'ready']);
    await moveTo(2);
    await moveTo(3);
    expect(told).toEqual(['null to 1', '1 to 2', '2 to 3', '3 to 2', '2 to 3']);
    expect(pool.read().models).toBe(2);
  });

  test('that moves to a version which cannot serve stays, says so once, and goes on to the next', async () => {
    register(1);
    await moveTo(1);
    catalogue.register(model, nonsense);
    await moveTo(2);
    register(1);
    expect(serving()).toBe(1);
    expect(models.alias(model, 'production')?.problem?.code).toBe('models.refused');
    expect(models.stateOf({ model, version: 2 }).state).toBe('refused');
    await moveTo(3);
    expect(serving()).toBe(3);
    expect(models.alias(model, 'production')?.problem).toBeNull();
    expect(told).toEqual(['null to 1', '2 refused by models.refused, 1 serves', '1 to 3']);
  });

  test('does not follow to a version whose bytes have changed or went missing', async () => {
    register(1);
    await moveTo(1);
    const { records, version } = catalogue.catalogue.register(
      { ...catalogue.catalogue.version(model, 1) },
      bytes[1] as Uint8Array,
    );
    catalogue.take(records.map(({ key, value }) => ({ key, value: key.startsWith('bytes/') ? value.with(9, 99) : value })));
    await moveTo(version.version);
    expect([serving(), models.alias(model, 'production')?.problem?.code]).toEqual([1, 'catalogue.corrupt-model']);
  });

  test('keeps its inputs: whoever asks it by name is not changed under', async () => {
    register(1);
    await moveTo(1);
    const { inputs } = catalogue.catalogue.version(model, 1);
    catalogue.register(model, bytes[1] as Uint8Array, { inputs: inputs.toReversed() });
    await moveTo(2);
    expect([serving(), models.alias(model, 'production')?.problem?.message]).toEqual([
      1,
      expect.stringContaining('version 2 takes lightMean, co2Mean, and version 1, which the alias serves, co2Mean, lightMean'),
    ]);
  });

  test('that moves while a move is under way ends where it points last', async () => {
    register(4);
    for (const version of [1, 2, 3, 4]) catalogue.move(model, 'production', version);
    await models.follow(model, 'production');
    expect(serving()).toBe(4);
  });

  test('serves beside others, each version loaded once', async () => {
    register(2);
    await moveTo(1);
    await moveTo(1, 'candidate');
    expect(pool.read().models).toBe(1);
    await moveTo(2, 'candidate');
    expect([serving(), serving('candidate')]).toEqual([1, 2]);
  });
});

describe('what a stage is answered', () => {
  test('waits while nothing is promoted, and while what is promoted cannot serve', async () => {
    register(1);
    expect(predictor().predict(row, 1)).toBeNull();
    catalogue.register(model, nonsense);
    await moveTo(2);
    await expect(predictor().predict(row, 1)).rejects.toMatchObject({ code: 'models.not-serving', remedy: 'retry' });
    await moveTo(1);
    await expect(predictor().predict(row, 1)).resolves.toMatchObject({ version: '1' });
  });

  test('is one version for a batch, whatever moves meanwhile', async () => {
    register(3);
    await moveTo(1);
    const asking = predictor();
    const answers: Promise<unknown>[] = [];
    for (const version of [2, 3, 1, 2]) {
      answers.push(...Array.from({ length: 20 }, () => asking.predict(row, 1) as Promise<unknown>));
      await moveTo(version);
    }
    const versions = (await Promise.all(answers)).map((answer) => (answer as { version: string }).version);
    expect([...new Set(versions)]).toEqual(['1', '2', '3']);
  });

  test('waits when stage and model do not fit', async () => {
    register(1);
    await moveTo(1);
    await expect(predictor().predict(Float32Array.of(1, 2, 3), 1)).rejects.toMatchObject({
      code: 'models.misfit',
      remedy: 'retry',
      message: 'the stage asks occupancy with 3 inputs, version 1 takes co2Mean, lightMean',
    });
  });
});

describe('what a caller finds', () => {
  test('goes by number, alias, or the default alias', async () => {
    register(2);
    await moveTo(1);
    await moveTo(2, 'candidate');
    const found = (version: string): number => models.find(model, version).entry.version;
    expect([found(''), found('production'), found('candidate'), found('2')]).toEqual([1, 1, 2, 2]);
  });

  test.each([
    { asked: ['nobody', ''], code: 'models.unknown-model' },
    { asked: [model, '9'], code: 'catalogue.unknown-version' },
    { asked: [model, '2'], code: 'models.not-loaded' },
    { asked: [model, 'candidate'], code: 'models.unknown-model' },
  ] as const)('$asked is answered with $code', async ({ asked: [name, version], code }) => {
    register(2);
    await moveTo(1);
    expect(() => models.find(name, version)).toThrow(expect.objectContaining({ code }));
  });

  test('is loaded on request until it is unloaded, unless an alias serves it', async () => {
    register(2);
    await moveTo(1);
    const [first, second] = [1, 2].map((version) => catalogue.catalogue.version(model, version)) as [never, never];
    await models.pin(second);
    expect(models.find(model, '2').entry.version).toBe(2);
    await models.unpin(second);
    expect(() => models.find(model, '2')).toThrow('not loaded');
    await expect(models.unpin(second)).rejects.toMatchObject({ code: 'models.not-loaded' });
    await expect(models.unpin(first)).rejects.toMatchObject({ code: 'models.in-use' });
  });
});
