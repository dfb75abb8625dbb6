import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Brokers, openBrokers } from '@penstock/brokers';
import { type OpenCatalogue, openCatalogue } from '@penstock/catalogue';
import {
  type AppliedPipeline,
  applyDocument,
  checkDocument,
  planPipeline,
  type RetrainPlan,
  readDocument,
} from '@penstock/document';
import { ensureTopics, type Kafka, openKafka, openPublisher } from '@penstock/kafka';
import { pipelinesTopic } from '@penstock/runner';
import { parseSchema } from '@penstock/schema';
import { until } from '@penstock/testing';
import type { KeyedRow } from '../data/keyed-rows.ts';
import { publishRows } from './publish-rows.ts';

const pipelines = new URL('../../../../deploy/pipelines/', import.meta.url);

interface Line {
  readonly event: string;
  readonly [fact: string]: unknown;
}

/** The service as a process of its own. */
export class RetrainerProcess {
  readonly lines: Line[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;

  constructor(env: NodeJS.ProcessEnv) {
    const ended = Promise.withResolvers<number | null>();
    this.#child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts')], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child.once('exit', (code) => ended.resolve(code));
    this.#ended = ended.promise;
    if (this.#child.stdout !== null)
      createInterface(this.#child.stdout).on('line', (line) => this.lines.push(JSON.parse(line) as Line));
  }

  /** Where it listens, when it is ready. */
  async address(): Promise<string> {
    const ready = () => this.lines.find(({ event }) => event === 'service.ready');
    return String((await until(ready, { deadlineMs: 30_000, what: 'the retrainer to be ready' }))['grpc']);
  }

  /** Resolves with its exit code; null when a signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.#ended;
  }
}

/** Kafka and Redis of its own, the sample's document applied, and a registry that knows its schemas. */
export class Deployment implements AsyncDisposable {
  readonly brokers: Brokers;
  readonly kafka: Kafka;
  readonly models: OpenCatalogue;
  readonly plan: RetrainPlan;
  readonly #env: NodeJS.ProcessEnv;
  readonly #opened: AsyncDisposableStack;
  #running: RetrainerProcess[] = [];

  private constructor(
    parts: Pick<Deployment, 'brokers' | 'kafka' | 'models' | 'plan'> & { env: NodeJS.ProcessEnv; opened: AsyncDisposableStack },
  ) {
    this.brokers = parts.brokers;
    this.kafka = parts.kafka;
    this.models = parts.models;
    this.plan = parts.plan;
    this.#env = parts.env;
    this.#opened = parts.opened;
  }

  /** Applies the sample with another `retrain` section. */
  static async open(retrainSection: string): Promise<Deployment> {
    const opened = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), 'penstock-retrainer-'));
    opened.defer(() => rmSync(folder, { recursive: true, force: true }));
    const brokers = opened.use(await openBrokers({ folder: join(folder, 'brokers'), names: ['kafka', 'redis'] }));
    const kafka = opened.use(openKafka({ brokers: [brokers.kafka.address] }));
    const applied = applySample(retrainSection);
    const { retrain } = planPipeline(applied);
    if (retrain === null) throw new Error('the sample retrains nothing');
    const registry = opened.use(await serveSchemas(applied));
    await apply(kafka, applied, retrain);
    const ending = new AbortController();
    const models = opened.use(await openCatalogue(kafka, { signal: ending.signal }));
    const env = {
      PENSTOCK_KAFKA: brokers.kafka.address,
      PENSTOCK_REDIS: brokers.redis.address,
      PENSTOCK_REGISTRY: registry.url,
      PENSTOCK_RETRAIN_FOLDER: join(folder, 'retrainer'),
      PENSTOCK_RETRAIN_POLL_MS: '100',
      PENSTOCK_RETRAIN_LOCK_MS: '2000',
    };
    return new Deployment({ brokers, kafka, models, plan: retrain, env, opened });
  }

  start(): RetrainerProcess {
    const started = new RetrainerProcess(this.#env);
    this.#running.push(started);
    return started;
  }

  /** Rows of an office, whose only value is the light. */
  async publish({ features, labels }: { features: readonly KeyedRow[]; labels: readonly KeyedRow[] }): Promise<void> {
    const routes = new Map([
      ['features', this.plan.features],
      ['labels', this.plan.labels],
    ]);
    await using publisher = openPublisher(this.kafka, routes);
    for (const [route, rows] of [
      ['features', features.map(wholeRow)],
      ['labels', labels],
    ] as const) {
      const { schema: applied } = this.plan[route];
      const schema = parseSchema({ ...applied, imports: new Map() });
      const wanted = route === 'labels' ? [this.plan.target.name] : this.plan.inputs.map(({ name }) => name);
      const fields = wanted.flatMap((name) => schema.shape.fields.find((field) => field.name === name) ?? []);
      await publishRows(publisher, { route, rows, schema, schemaId: applied.id, fields });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#running.map((running) => running.end('SIGKILL')));
    await this.#opened.disposeAsync();
  }
}

function wholeRow({ key, timeMs, values: [lux = 0] }: KeyedRow): KeyedRow {
  return { key, timeMs, values: [500, 20, 40, lux] };
}

function applySample(retrainSection: string): AppliedPipeline {
  const [stages] = readFileSync(new URL('rooms.yaml', pipelines), 'utf8').split(/^retrain:$/m);
  const text = `${stages}${retrainSection}`;
  const reading = readDocument(text, { file: 'rooms.yaml' });
  const { complaints, schemas } = checkDocument(reading, { readFile: (path) => readFileSync(new URL(path, pipelines), 'utf8') });
  if (reading.document === null || complaints.length > 0) throw new Error(complaints.map(({ message }) => message).join('\n'));
  return applyDocument(
    reading.document,
    schemas.map((schema, index) => ({ ...schema, id: index + 1, version: 1 })),
    1,
  );
}

async function apply(kafka: Kafka, applied: AppliedPipeline, { features, labels }: RetrainPlan): Promise<void> {
  const pipelineTopic = { topic: pipelinesTopic, partitions: 1, cleanup: 'compact' as const, retentionMs: -1 };
  const dataTopics = [features, labels].map(({ topic, partitions }) => ({
    topic,
    partitions,
    cleanup: 'delete' as const,
    retentionMs: -1,
  }));
  await ensureTopics(kafka, [pipelineTopic, ...dataTopics]);
  await using publisher = openPublisher(kafka, new Map([['main', { topic: pipelinesTopic, partitions: 1 }]]));
  const payload = Buffer.from(JSON.stringify(applied));
  await publisher.publish([{ id: 'rooms', route: 'main', key: Buffer.from(applied.pipeline), payload, headers: [] }]);
}

/** Answers `GET /schemas/ids/<id>`, which is all that a reader of records asks. */
async function serveSchemas({ schemas }: AppliedPipeline): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    const found = Object.values(schemas).find(({ id }) => request.url?.startsWith(`/schemas/ids/${id}`));
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found === undefined ? { error_code: 40403 } : { schema: found.text, schemaType: found.format }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
}
