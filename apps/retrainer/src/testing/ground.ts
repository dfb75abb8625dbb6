import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpenCatalogue, openCatalogue } from '@penstock/catalogue';
import type { PipelinePlan, RetrainPlan } from '@penstock/document';
import { ensureTopics, type Kafka, openKafka, openPublisher, type Publisher } from '@penstock/kafka';
import { type Facts, type Field, systemClock } from '@penstock/kernel';
import { parseSchema, type SchemaRegistry } from '@penstock/schema';
import { brokers, randomName } from '@penstock/testing';
import type { KeyedRow } from '../data/keyed-rows.ts';
import { Retrainer, type RetrainerOptions } from '../retrainer.ts';
import { publishRows } from './publish-rows.ts';

const imports = new Map<string, string>();
const featuresSchema = parseSchema({
  format: 'PROTOBUF',
  text: 'syntax = "proto3"; message Features { optional double light_mean = 1; }',
  imports,
});
const labelsSchema = parseSchema({
  format: 'PROTOBUF',
  text: 'syntax = "proto3"; message Label { bool occupied = 1; }',
  imports,
});
const lightMean: Field = { name: 'lightMean', type: 'number', nullable: true };
const occupied: Field = { name: 'occupied', type: 'boolean', nullable: false };

/** A registry that knows the two schemas of this ground by their ids, 1 and 2. */
const registry: SchemaRegistry = {
  schema: async (id) => [featuresSchema, labelsSchema][id - 1] ?? null,
  latest: async () => null,
  version: async () => null,
  register: async () => 1,
};

/** Topics, a catalogue and a retrainer of their own, against the brokers of the tests. */
export class Ground implements AsyncDisposable {
  readonly kafka: Kafka;
  readonly models: OpenCatalogue;
  readonly features = randomName('features');
  readonly labels = randomName('labels');
  readonly prefix = randomName('penstock');
  readonly folder: string;
  readonly lines: { readonly event: string; readonly facts: Facts }[] = [];
  readonly #publisher: Publisher;
  readonly #opened: AsyncDisposableStack;

  private constructor(parts: { kafka: Kafka; models: OpenCatalogue; folder: string; opened: AsyncDisposableStack }) {
    this.kafka = parts.kafka;
    this.models = parts.models;
    this.folder = parts.folder;
    this.#opened = parts.opened;
    const routes = new Map([
      ['features', { topic: this.features, partitions: 2 }],
      ['labels', { topic: this.labels, partitions: 2 }],
    ]);
    this.#publisher = this.#opened.use(openPublisher(this.kafka, routes));
  }

  static async open(): Promise<Ground> {
    const opened = new AsyncDisposableStack();
    const kafka = opened.use(openKafka({ brokers: [brokers().kafka] }));
    const ending = new AbortController();
    const models = opened.use(await openCatalogue(kafka, { topic: randomName('models'), signal: ending.signal }));
    const folder = await mkdtemp(join(tmpdir(), 'penstock-retrainer-'));
    opened.defer(() => rm(folder, { recursive: true, force: true }));
    const ground = new Ground({ kafka, models, folder, opened });
    const topics = [ground.features, ground.labels];
    await ensureTopics(
      kafka,
      topics.map((topic) => ({ topic, partitions: 2, cleanup: 'delete' as const, retentionMs: -1 })),
    );
    return ground;
  }

  /** Opens a retrainer; another one on the same ground takes over from one that was closed. */
  async retrainer(more: Partial<RetrainerOptions> = {}): Promise<Retrainer> {
    return Retrainer.open({
      kafka: this.kafka,
      registry,
      models: this.models,
      redis: { url: brokers().redis, prefix: this.prefix },
      folder: this.folder,
      trainingsMax: 1,
      lockMs: 6_000,
      recordsMax: 1_000_000,
      pollMs: 50,
      clock: systemClock,
      metrics: { ended: () => undefined, judged: () => undefined },
      log: (event, facts) => this.lines.push({ event, facts }),
      ...more,
    });
  }

  plan(more: Partial<RetrainPlan> = {}): PipelinePlan & { retrain: RetrainPlan } {
    const schema = { subject: 's', id: 1, version: 1, format: 'PROTOBUF' as const, text: '' };
    const topic = { partitions: 2, schema, fields: [] };
    const retrain: RetrainPlan = {
      pipeline: 'rooms',
      model: 'occupancy',
      alias: 'production',
      fingerprint: randomName('plan'),
      features: { ...topic, topic: this.features },
      inputs: [{ name: 'lightMean', type: 'number' }],
      labels: { ...topic, topic: this.labels },
      target: occupied,
      withinMs: 60_000,
      trainer: { kind: 'gradient-boosted-trees', seed: 1, params: { treesMax: 10, leavesMax: 4 } },
      when: [],
      gate: { metric: 'balancedAccuracy', atLeast: 0.9, notWorseThanChampion: true },
      ...more,
    };
    return { pipeline: 'rooms', version: 'abc', topics: [], stages: [], retrain };
  }

  async publish({ features, labels }: { features: readonly KeyedRow[]; labels: readonly KeyedRow[] }): Promise<void> {
    await publishRows(this.#publisher, {
      route: 'features',
      rows: features,
      schema: featuresSchema,
      schemaId: 1,
      fields: [lightMean],
    });
    await publishRows(this.#publisher, { route: 'labels', rows: labels, schema: labelsSchema, schemaId: 2, fields: [occupied] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }
}
