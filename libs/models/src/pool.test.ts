import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRandom } from '@penstock/kernel';
import { seeded, until } from '@penstock/testing';
import { type Forest, predictTrees, toOnnx } from '@penstock/training';
import { deadly, endless } from './fixtures/dying-thread.ts';
import { createForest, createModel } from './fixtures/models.ts';
import { type LoadedModel, type ModelPool, openModelPool } from './pool.ts';
import { overloaded } from './problems.ts';

const names = ['co2Mean', 'lightMean'];
const inputs = names.length;
const dyingThread = new URL('./fixtures/dying-thread.ts', import.meta.url);

let forest: Forest;
let other: Forest;
beforeAll(async () => {
  forest = await createForest(1);
  other = await createForest(2);
});

function drawRows(rows: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: rows * inputs }, () => random() * 1000);
}

function expectSame(answer: { scores: Float64Array; labels: Float64Array }, by: Forest, features: Float32Array): void {
  const expected = predictTrees(by, features);
  expect(answer.labels).toEqual(expected.labels);
  for (const [row, score] of answer.scores.entries()) expect(score).toBeCloseTo(expected.scores[row] as number, 5);
}

describe('a pool of models', () => {
  let pool: ModelPool;
  beforeAll(() => {
    pool = openModelPool({ workers: 2 });
  });
  afterAll(async () => pool[Symbol.asyncDispose]());

  test('answers as the trainer meant, missing values included, and leaves the caller its array', async () => {
    await using model = await pool.load(toOnnx(forest, names), { inputs });
    const features = drawRows(100, 1);
    features[7] = Number.NaN;
    expectSame(await model.predict(features, 100), forest, features);
    expect(features.length).toBe(200);
    expect([model.kind, model.signature]).toEqual([
      'class',
      { input: 'features', inputs, label: 'label', score: 'probabilities' },
    ]);
  });

  test(
    'gives each of many callers its own rows back, while they share runs',
    seeded(async (random, seed): Promise<void> => {
      await using model = await pool.load(toOnnx(forest, names), { inputs });
      const before = pool.read().runs;
      const callers = Array.from({ length: 300 }, (_, caller) => drawRows(1 + Math.floor(random() * 20), seed + caller));
      const answers = await Promise.all(callers.map((features) => model.predict(features, features.length / inputs)));
      for (const [caller, answer] of answers.entries()) expectSame(answer, forest, callers[caller] as Float32Array);
      expect(pool.read().runs - before).toBeLessThan(100);
    }),
  );

  test('keeps models apart', async () => {
    await using first = await pool.load(toOnnx(forest, names), { inputs });
    await using second = await pool.load(toOnnx(other, names), { inputs });
    const features = drawRows(50, 3);
    const [one, two] = await Promise.all([first.predict(features, 50), second.predict(features, 50)]);
    expectSame(one, forest, features);
    expectSame(two, other, features);
  });

  test('a closed model answers whoever came before, and nobody after', async () => {
    const model = await pool.load(toOnnx(forest, names), { inputs });
    const features = drawRows(10, 4);
    const asked = Array.from({ length: 20 }, () => model.predict(features, 10));
    const closed = model[Symbol.asyncDispose]();
    await expect(model.predict(features, 10)).rejects.toMatchObject({ code: 'models.unloaded' });
    for (const answer of await Promise.all(asked)) expectSame(answer, forest, features);
    await closed;
    expect(pool.read().models).toBe(0);
  });

  test('values that are not whole rows are refused', async () => {
    await using model = await pool.load(toOnnx(forest, names), { inputs });
    await expect(model.predict(new Float32Array(3), 2)).rejects.toMatchObject({ code: 'models.misshapen' });
    await expect(model.predict(new Float32Array(0), 0)).rejects.toMatchObject({ code: 'models.misshapen' });
  });

  test('swapping models drops no request and mixes none', async () => {
    const models = [forest, other];
    const bytes = models.map((by) => toOnnx(by, names));
    let serving = { model: await pool.load(bytes[0] as Uint8Array, { inputs }), by: forest };
    let swaps = 0;
    let answered = 0;
    const ask = async (caller: number): Promise<void> => {
      while (swaps < 6) {
        const features = drawRows(3, caller + answered);
        const { model, by } = serving;
        expectSame(await model.predict(features, 3), by, features);
        answered += 1;
      }
    };
    const callers = Promise.all(Array.from({ length: 8 }, (_, caller) => ask(caller)));
    for (; swaps < 6; swaps += 1) {
      const next = (swaps + 1) % 2;
      const old = serving.model;
      serving = { model: await pool.load(bytes[next] as Uint8Array, { inputs }), by: models[next] as Forest };
      await old[Symbol.asyncDispose]();
    }
    await callers;
    await serving.model[Symbol.asyncDispose]();
    expect(answered).toBeGreaterThan(50);
  });
});

describe('a model that cannot serve is refused, and the one before it serves on', () => {
  let pool: ModelPool;
  let serving: LoadedModel;
  let bytes: Uint8Array;
  beforeAll(async () => {
    pool = openModelPool({ workers: 2 });
    bytes = await createModel();
    serving = await pool.load(bytes, { inputs });
  });
  afterAll(async () => pool[Symbol.asyncDispose]());

  test.each([
    { what: 'bytes that are no model', make: () => new TextEncoder().encode('nothing'), message: 'cannot be loaded' },
    { what: 'a model cut short', make: () => bytes.subarray(0, bytes.length / 2), message: 'cannot be loaded' },
    { what: 'no bytes', make: () => new Uint8Array(0), message: 'cannot be loaded' },
    { what: 'other inputs', make: () => bytes, width: 5, message: 'takes features float32 [N, 2], and 5 inputs are registered' },
  ])('$what', async ({ make, width = inputs, message }) => {
    const loading = pool.load(make(), { inputs: width });
    await expect(loading).rejects.toMatchObject({ code: 'models.refused', message: expect.stringContaining(message) });
    const features = drawRows(5, 9);
    expectSame(await serving.predict(features, 5), forest, features);
    expect(pool.read().models).toBe(1);
  });

  test('a model in which any byte changed is refused or answers numbers', async () => {
    for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 40)) {
      const changed = bytes.with(at, ((bytes[at] as number) + 128) % 256);
      const loaded = await pool.load(changed, { inputs }).catch((thrown: unknown) => thrown);
      if (loaded instanceof Error) expect(loaded).toMatchObject({ code: 'models.refused' });
      else await (loaded as LoadedModel)[Symbol.asyncDispose]();
    }
    expect(pool.read().workersLost).toBe(0);
  });
});

describe('threads', () => {
  test('one that dies is replaced, with its models, and what it was asked is asked again', async () => {
    await using pool = openModelPool({ workers: 1, program: dyingThread });
    const model = await pool.load(toOnnx(forest, names), { inputs });
    const features = drawRows(4, 1);
    const fatal = Float32Array.of(deadly, 0);
    const [lost, ...answers] = await Promise.allSettled([
      model.predict(fatal, 1),
      ...Array.from({ length: 5 }, () => model.predict(features, 4)),
    ]);
    expect(lost).toMatchObject({ status: 'rejected', reason: { code: 'models.worker-lost', remedy: 'retry' } });
    for (const answer of answers) {
      if (answer.status === 'rejected') throw answer.reason;
      expectSame(answer.value, forest, features);
    }
    expect(pool.read().workersLost).toBe(3);
  });

  test('a run that does not come back ends its thread, not the pool', async () => {
    await using pool = openModelPool({ workers: 1, program: dyingThread, runMsMax: 200 });
    const model = await pool.load(toOnnx(forest, names), { inputs });
    await expect(model.predict(Float32Array.of(endless, 0), 1)).rejects.toMatchObject({ code: 'models.worker-lost' });
    const features = drawRows(2, 1);
    expectSame(await model.predict(features, 2), forest, features);
  });

  test('that cannot even start make loading fail with their reason', async () => {
    await using pool = openModelPool({ workers: 1, program: new URL('./fixtures/broken-thread.ts', import.meta.url) });
    await expect(pool.load(new Uint8Array(1), { inputs })).rejects.toMatchObject({
      code: 'models.worker-lost',
      message: expect.stringContaining('the runtime is not installed'),
    });
  });

  test('are replaced after many loads, while requests go on', async () => {
    await using pool = openModelPool({ workers: 1, loadsMax: 3 });
    await using model = await pool.load(toOnnx(forest, names), { inputs });
    const features = drawRows(5, 1);
    for (let load = 0; load < 12; load += 1) {
      await using _ = await pool.load(toOnnx(other, names), { inputs });
      expectSame(await model.predict(features, 5), forest, features);
    }
    expect(pool.read().workersLost).toBe(0);
  });

  test('what waits is bounded', async () => {
    await using pool = openModelPool({ workers: 1, waitingRowsMax: 10 });
    await using model = await pool.load(toOnnx(forest, names), { inputs });
    const asked = Array.from({ length: 20 }, () => model.predict(drawRows(2, 1), 2));
    const results = await Promise.allSettled(asked);
    const reasons = results
      .filter(({ status }) => status === 'rejected')
      .map((result) => (result as PromiseRejectedResult).reason);
    expect(reasons.length).toBeGreaterThan(0);
    expect(reasons.every(overloaded.caused)).toBe(true);
    await until(() => pool.read().waitingRows === 0, { deadlineMs: 5000, what: 'no row to wait' });
    await model.predict(drawRows(2, 1), 2);
  });
});
