import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openCatalogue } from '@penstock/catalogue';
import { models as api, health, inference } from '@penstock/contracts';
import { openKafka } from '@penstock/kafka';
import { Problem } from '@penstock/kernel';
import { createGrpcClient, type GrpcClient, type OpenService, openService } from '@penstock/service';
import { brokers, randomName, until } from '@penstock/testing';
import { predictTrees } from '@penstock/training';
import { modelServer } from './service.ts';
import { createForest, createModelBytes, entryFor, inputNames } from './testing/sample-models.ts';
import { applyScoring, type ScoringPipeline } from './testing/scoring-pipeline.ts';

const deadlineMs = 20_000;
const model = 'occupancy';
const modelsTopic = randomName('models');
const kafka = openKafka({ brokers: [brokers().kafka] });
const lines: { readonly event: string; readonly [fact: string]: unknown }[] = [];

let pipeline: ScoringPipeline;
let service: OpenService;
let registry: GrpcClient<typeof api.ModelsServiceService>;
let inferring: GrpcClient<typeof inference.GRPCInferenceServiceService>;

const open = (): Promise<OpenService> =>
  openService(modelServer, {
    env: {
      PENSTOCK_KAFKA: brokers().kafka,
      PENSTOCK_REGISTRY: pipeline.registryUrl,
      PENSTOCK_PIPELINES_TOPIC: pipeline.pipelinesTopic,
      PENSTOCK_MODELS_TOPIC: modelsTopic,
      PENSTOCK_MODEL_BYTES_MAX: '1000000',
    },
    write: (line) => lines.push(JSON.parse(line)),
    failed: (thrown) => {
      throw thrown;
    },
  });

beforeAll(async () => {
  pipeline = await applyScoring(kafka, randomName('scoring').replace('_', '-'), model);
  service = await open();
  registry = createGrpcClient(api.ModelsServiceClient, service.address);
  inferring = createGrpcClient(inference.GRPCInferenceServiceClient, service.address);
});

afterAll(async () => {
  registry[Symbol.dispose]();
  inferring[Symbol.dispose]();
  expect(await service.drain()).toBe(true);
  await service[Symbol.asyncDispose]();
  await pipeline[Symbol.asyncDispose]();
  await kafka[Symbol.asyncDispose]();
});

async function* parts(bytes: Uint8Array, more: Partial<api.Registration> = {}): AsyncGenerator<api.RegisterModelRequest> {
  const inputs = inputNames.map((name) => ({ name, type: 'number', unit: '' }));
  const registration = api.Registration.fromPartial({
    model,
    inputs,
    trainer: 'scikit-learn',
    params: new Map([
      ['trees', '5'],
      ['loss', 'log'],
    ]),
    metrics: new Map([['auc', 0.9]]),
    ...more,
  });
  yield { part: { $case: 'registration', value: registration } };
  for (let at = 0; at < bytes.length; at += 1_000)
    yield { part: { $case: 'chunk', value: Buffer.from(bytes.subarray(at, at + 1_000)) } };
}

async function register(seed: number): Promise<number> {
  const { version } = await registry.registerModel(parts(await createModelBytes(seed)));
  return version?.version ?? 0;
}

const move = (to: api.MoveAliasRequest['to'], more: Partial<api.MoveAliasRequest> = {}) =>
  registry.moveAlias(api.MoveAliasRequest.fromPartial({ model, alias: 'production', reason: 'better', by: 'test', ...more, to }));
const moveTo = (version: number) => move({ $case: 'version', value: version });

function question(rows: readonly (readonly [number, number])[], version = ''): inference.ModelInferRequest {
  return inference.ModelInferRequest.fromPartial({
    modelName: model,
    modelVersion: version,
    id: 'q1',
    inputs: inputNames.map((name, input) => ({
      name,
      datatype: 'FP64',
      shape: [BigInt(rows.length)],
      contents: { fp64Contents: rows.map((row) => row[input] as number) },
    })),
  });
}

const scoresOf = (response: inference.ModelInferResponse): readonly number[] =>
  response.outputs.at(-1)?.contents?.fp32Contents ?? [];
const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'answered',
    (thrown: unknown) => (thrown instanceof Problem ? thrown.code : String(thrown)),
  );
const stateOf = async () => (await registry.getModel({ model })).model as api.Model;

describe('model-server', () => {
  test('registers a model, promotes it and answers as the trainer meant', async () => {
    expect(await codeOf(inferring.modelInfer(question([[1, 2]])))).toBe('models.unknown-model');
    expect(await register(1)).toBe(1);
    expect(await codeOf(inferring.modelInfer(question([[1, 2]])))).toBe('models.unknown-model');
    const { move: moved } = await moveTo(1);
    expect(moved).toMatchObject({ alias: 'production', from: 0, to: 1, reason: 'better', by: 'test' });

    const response = await inferring.modelInfer(
      question([
        [900, 100],
        [200, 100],
      ]),
    );
    const expected = predictTrees(await createForest(1), Float32Array.of(900, 100, 200, 100));
    expect(response).toMatchObject({ modelName: model, modelVersion: '1', id: 'q1' });
    expect(response.outputs.map(({ name, datatype, shape }) => [name, datatype, shape])).toEqual([
      ['label', 'INT64', [2n]],
      ['score', 'FP32', [2n]],
    ]);
    expect(response.outputs[0]?.contents?.int64Contents.map(Number)).toEqual([...expected.labels]);
    scoresOf(response).forEach((score, row) => expect(score).toBeCloseTo(expected.scores[row] as number, 5));
  });

  test('answers bytes with bytes, only what was asked for', async () => {
    const matrix = Float32Array.of(900, 100, 200, 100);
    const response = await inferring.modelInfer(
      inference.ModelInferRequest.fromPartial({
        modelName: model,
        modelVersion: 'production',
        inputs: [{ name: 'features', datatype: 'FP32', shape: [2n, 2n] }],
        outputs: [{ name: 'score' }],
        rawInputContents: [Buffer.from(matrix.buffer)],
      }),
    );
    const scores = scoresOf(
      await inferring.modelInfer(
        question([
          [900, 100],
          [200, 100],
        ]),
      ),
    );
    expect(response.outputs.map(({ name, contents }) => [name, contents])).toEqual([['score', undefined]]);
    expect(response.rawOutputContents.map((bytes) => [bytes.readFloatLE(0), bytes.readFloatLE(4)])).toEqual([scores]);
  });

  test('describes itself and its models', async () => {
    expect(await inferring.serverLive({})).toEqual({ live: true });
    expect(await inferring.serverReady({})).toEqual({ ready: true });
    expect((await inferring.serverMetadata({})).extensions).toEqual(['model_repository']);
    expect(await inferring.modelReady({ name: model, version: '' })).toEqual({ ready: true });
    expect(await inferring.modelReady({ name: model, version: '7' })).toEqual({ ready: false });
    expect(await inferring.modelMetadata({ name: model, version: '' })).toMatchObject({
      platform: 'onnx_onnxruntime',
      versions: ['1'],
      inputs: inputNames.map((name) => ({ name, datatype: 'FP32', shape: [-1n] })),
    });
  });

  test('refuses at the door what cannot serve, and keeps nothing of it', async () => {
    const bytes = await createModelBytes(1);
    const refusals = [
      parts(new TextEncoder().encode('nonsense')),
      parts(bytes, { inputs: [{ name: 'only', type: 'number', unit: '' }] }),
      parts(bytes, { inputs: [] }),
      parts(bytes, { model: 'Not A Name' }),
      parts(bytes, {
        inputs: [
          { name: 'a', type: 'number', unit: '' },
          { name: 'a', type: 'number', unit: '' },
        ],
      }),
      parts(bytes, { inputs: inputNames.map((name) => ({ name, type: 'text', unit: '' })) }),
      parts(new Uint8Array(0)),
      parts(new Uint8Array(1_100_000)),
    ];
    const codes: string[] = [];
    for (const refusal of refusals) codes.push(await codeOf(registry.registerModel(refusal)));
    const [refused, bad] = ['models.refused', 'model-server.bad-request'];
    expect(codes).toEqual([refused, refused, bad, bad, bad, 'catalogue.bad-entry', bad, 'model-server.too-large']);
    expect((await stateOf()).versions).toHaveLength(1);
  });

  test('keeps a history, and moves an alias only from where the caller believes it is', async () => {
    expect(await register(2)).toBe(2);
    expect(await codeOf(move({ $case: 'version', value: 2 }, { expected: 9 }))).toBe('model-server.alias-moved');
    expect(await codeOf(move({ $case: 'version', value: 2 }, { reason: '' }))).toBe('model-server.bad-request');
    expect(await codeOf(move({ $case: 'version', value: 2 }, { alias: 'a/b' }))).toBe('model-server.bad-request');
    expect(await codeOf(move({ $case: 'version', value: 5 }))).toBe('catalogue.unknown-version');
    expect(await codeOf(move({ $case: 'rollback', value: {} }))).toBe('model-server.nothing-before');
    await move({ $case: 'version', value: 2 }, { expected: 1 });
    await move({ $case: 'rollback', value: {} }, { reason: 'errs more', by: '' });
    const { moves, aliases, versions } = await stateOf();
    expect(moves.map(({ from, to, reason }) => [from, to, reason])).toEqual([
      [0, 1, 'better'],
      [1, 2, 'better'],
      [2, 1, 'errs more'],
    ]);
    expect(moves.at(-1)?.by).toMatch(/^127\.0\.0\.1:/);
    expect(aliases).toEqual([{ alias: 'production', version: 1, serving: 1, problem: undefined }]);
    expect(versions[0]).toMatchObject({
      state: api.VersionState.READY,
      trainer: 'scikit-learn',
      params: new Map([
        ['trees', '5'],
        ['loss', '"log"'],
      ]),
    });
    expect(lines.filter(({ event }) => event === 'model.swapped').map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [1, 2],
      [2, 1],
    ]);
  });

  test('loads on request what no alias serves', async () => {
    const repository = { repositoryName: '', modelName: model };
    const version = new Map([['version', { parameterChoice: { $case: 'int64Param' as const, value: 3n } }]]);
    await register(3);
    expect(await codeOf(inferring.modelInfer(question([[1, 2]], '3')))).toBe('models.not-loaded');
    await inferring.repositoryModelLoad({ ...repository, parameters: version });
    expect((await inferring.modelInfer(question([[1, 2]], '3'))).modelVersion).toBe('3');
    const { models } = await inferring.repositoryIndex({ repositoryName: '', ready: true });
    expect(models.filter(({ name }) => name === model).map((one) => one.version)).toEqual(['1', '2', '3']);
    await inferring.repositoryModelUnload({ ...repository, parameters: version });
    expect(await codeOf(inferring.modelInfer(question([[1, 2]], '3')))).toBe('models.not-loaded');
  });

  test('gives the bytes of a version back', async () => {
    const chunks: Buffer[] = [];
    for await (const { chunk } of registry.downloadModel({ model, version: 1 })) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(await createModelBytes(1))).toBe(true);
  });

  test('swaps under load without a failed call, a corrupt version in between', async () => {
    const seen = new Map<string, number>();
    const failures: string[] = [];
    let asking = true;
    const startedMs = performance.now();
    const ask = async (): Promise<void> => {
      while (asking) {
        const answer = await inferring.modelInfer(question([[900, 100]])).catch((thrown: unknown) => String(thrown));
        if (typeof answer === 'string') failures.push(answer);
        else seen.set(answer.modelVersion, (seen.get(answer.modelVersion) ?? 0) + 1);
        await delay(5);
      }
    };
    const callers = Promise.all(Array.from({ length: 4 }, ask));
    const answeredBy = (version: number, calls: number) =>
      until(() => (seen.get(String(version)) ?? 0) >= calls, { deadlineMs, what: `${calls} answers of version ${version}` });
    for (const [index, version] of [2, 1, 3, 2, 3, 1, 2].entries()) {
      await moveTo(version);
      await answeredBy(version, 10 * (index + 1));
    }
    await recordCorrupt();
    const alias = await until(async () => (await stateOf()).aliases.find(({ problem }) => problem !== undefined), {
      deadlineMs,
      what: 'a refusal',
    });
    expect(alias).toMatchObject({ version: 4, serving: 2, problem: { code: 'models.refused' } });
    await moveTo(1);
    asking = false;
    await callers;
    const calls = [...seen.values()].reduce((sum, count) => sum + count, 0);
    expect(failures).toEqual([]);
    expect([...seen.keys()].sort()).toEqual(['1', '2', '3']);
    expect(calls / ((performance.now() - startedMs) / 1_000)).toBeGreaterThan(50);
    expect(lines.find(({ event }) => event === 'model.refused')).toMatchObject({
      version: 4,
      serving: 2,
      code: 'models.refused',
    });
  });

  /** As another writer would, who checks nothing. */
  async function recordCorrupt(): Promise<void> {
    await using stack = new AsyncDisposableStack();
    const never = new AbortController().signal;
    const catalogue = stack.use(await openCatalogue(kafka, { topic: modelsTopic, signal: never }));
    await catalogue.write((current) => current.register(entryFor(model), new Uint8Array(100)).records);
    const why = { id: randomName('move'), reason: 'unchecked', by: 'test', atMs: Date.now() };
    await catalogue.write((current) => current.move(current.version(model, 4), 'production', why));
  }

  test('says by its health whether an alias serves what it points at', async () => {
    using asking = createGrpcClient(health.HealthClient, service.address);
    expect((await asking.check({ service: `model/${model}/production` })).status).toBe(
      health.HealthCheckResponse_ServingStatus.SERVING,
    );
  });

  test('tells whoever watches', async () => {
    const leaving = new AbortController();
    const seen: number[] = [];
    for await (const { model: now } of registry.watchModel({ model }, { signal: leaving.signal })) {
      const serving = now?.aliases[0]?.serving ?? 0;
      if (seen.at(-1) !== serving) seen.push(serving);
      if (seen.length === 1) void moveTo(3);
      if (seen.length === 2) break;
    }
    expect(seen).toEqual([1, 3]);
  });

  test('scores on the way from topic to topic, each key in its order, through swaps and a restart', async () => {
    const keys = ['b/1', 'b/2', 'b/3', 'b/4', 'b/5'];
    const readings = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, at) => from + at).flatMap((sequence) =>
        keys.map((key) => ({ key, sequence, co2Ppm: sequence % 2 === 0 ? 900 : 200, lightLux: 100 })),
      );
    const scoredAtLeast = (count: number) =>
      until(
        async () => {
          const found = await pipeline.scored();
          return found.length >= count && found;
        },
        { deadlineMs, what: `${count} predictions` },
      );
    await pipeline.publish(readings(0, 100));
    await scoredAtLeast(500);
    await moveTo(1);
    await pipeline.publish(readings(100, 200));
    await scoredAtLeast(1_000);
    expect(await service.drain()).toBe(true);
    await service[Symbol.asyncDispose]();
    await pipeline.publish(readings(200, 300));
    service = await open();
    const found = await scoredAtLeast(1_500);
    for (const key of keys) {
      const own = found.filter((record) => record.key === key);
      expect(own.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 300 }, (_, sequence) => sequence));
      expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
      for (const { sequence, predicted } of own) expect(predicted).toBe(sequence % 2 === 0 ? 1 : 0);
      expect([...new Set(own.map(({ modelVersion }) => modelVersion))]).toEqual(['3', '1']);
    }
    expect(found[0]?.headers).toMatchObject({ penstock_model: model, penstock_model_version: '3' });
  });
});
