import { afterAll, beforeAll } from '@jest/globals';
import { pipelines as api } from '@penstock/contracts';
import { type AppliedPipeline, planPipeline, type StagePlan } from '@penstock/document';
import { deleteTopics, type FetchedRecord, type Kafka, openKafka, openPublisher, readRange } from '@penstock/kafka';
import { createRandom, systemClock } from '@penstock/kernel';
import { type Header, stampOf } from '@penstock/pipeline';
import { RunningStage } from '@penstock/runner';
import { createRestRegistry, type RuleExecutor } from '@penstock/schema';
import { createGrpcClient } from '@penstock/service';
import { brokers, randomName, until } from '@penstock/testing';
import { openGateway, type TestedGateway } from './open-gateway.ts';

/** A gateway of its own, and stages of documents that are applied there, run one by one between topics. */
export interface StageGround {
  readonly gateway: TestedGateway;
  readonly kafka: Kafka;
  /** Answers the plans. */
  apply(pipeline: string, document: api.Document): Promise<ReadonlyMap<string, StagePlan>>;
  /** By the names of the stages, made as services make them: of what is applied now, with nothing else at hand. */
  plans(pipeline: string): Promise<ReadonlyMap<string, StagePlan>>;
  /** A record in the topic that a stage reads. */
  publish(stage: StagePlan, payload: Uint8Array, named?: readonly Header[]): Promise<void>;
  start(plan: StagePlan, executors?: readonly RuleExecutor[]): RunningStage;
  /** Runs a stage until it has read something, and answers what became of it. */
  run(plan: StagePlan, executors?: readonly RuleExecutor[]): Promise<object>;
  /** All that is in a topic, once there are so many: a transaction has ended a moment before its records can be read. */
  recordsOf(topic: string, atLeast: number, partitions?: number): Promise<FetchedRecord[]>;
}

/** For the tests of a file: opened before them, closed after them. */
export function layStageGround(): StageGround {
  const pipelinesTopic = randomName('pipelines');
  const made: string[] = [];
  let gateway: TestedGateway;
  let kafka: Kafka;
  beforeAll(async () => {
    kafka = openKafka({ brokers: [brokers().kafka] });
    gateway = await openGateway({ PENSTOCK_PIPELINES_TOPIC: pipelinesTopic });
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await deleteTopics(kafka, made);
    await kafka[Symbol.asyncDispose]();
  });
  const ground: StageGround = {
    get gateway() {
      return gateway;
    },
    get kafka() {
      return kafka;
    },
    async apply(pipeline, document) {
      using client = createGrpcClient(api.PipelinesServiceClient, gateway.address);
      const { changes } = await client.apply({ document }, { deadlineMs: 30_000 });
      made.push(...(changes?.topics ?? []).map(({ topic }) => topic));
      return ground.plans(pipeline);
    },
    async plans(pipeline) {
      const { stages } = planPipeline(appliedIn(await recordsIn(kafka, pipelinesTopic, 1), pipeline));
      return new Map(stages.map((stage) => [stage.name, stage]));
    },
    async publish({ from }, payload, named = []) {
      const topic = from.kind === 'kafka' ? from.topic : '';
      await using publisher = openPublisher(kafka, new Map([['main', { topic, partitions: 4 }]]));
      const headers = [...stampOf({ source: 'penstock/test/ingest', type: 'rooms.Reading' }, 'd/1', 1), ...named];
      await publisher.publish([{ id: 'd/1', route: 'main', key: Buffer.from('d'), payload, headers }]);
    },
    start: (plan, executors = []) => startStage(kafka, gateway, { plan, executors }),
    async run(plan, executors) {
      const running = ground.start(plan, executors);
      await until(() => running.status.read().ledger.consumed >= 1, { deadlineMs: 20_000, what: 'the record to be read' });
      await running.stop();
      return running.status.read().ledger.fates;
    },
    async recordsOf(topic, atLeast, partitions = 4) {
      const enough = async (): Promise<FetchedRecord[] | null> => {
        const found = await recordsIn(kafka, topic, partitions);
        return found.length >= atLeast ? found : null;
      };
      return until(enough, { deadlineMs: 10_000, what: `${atLeast} records in ${topic}` });
    },
  };
  return ground;
}

function startStage(
  kafka: Kafka,
  { url }: TestedGateway,
  { plan, executors }: { readonly plan: StagePlan; readonly executors: readonly RuleExecutor[] },
): RunningStage {
  const registry = createRestRegistry({ url });
  return new RunningStage({
    ...{ plan, kafka, ends: {}, at: { registry, executors, env: {}, log: () => undefined }, pipelineVersion: '1' },
    ...{ clock: systemClock, random: createRandom(1) },
    predictor: () => {
      throw new TypeError('nothing is predicted here');
    },
    fail: (thrown) => {
      throw thrown;
    },
  });
}

async function recordsIn(kafka: Kafka, topic: string, partitions: number): Promise<FetchedRecord[]> {
  const records: FetchedRecord[] = [];
  for (let partition = 0; partition < partitions; partition += 1)
    for await (const record of readRange(kafka, { topic, partition }, { from: 'earliest', to: 'latest' })) records.push(record);
  return records;
}

function appliedIn(records: readonly FetchedRecord[], pipeline: string): AppliedPipeline {
  const applied = records.map(({ value }) => JSON.parse(String(Buffer.from(value ?? []))) as AppliedPipeline);
  const found = applied.findLast((each) => each.pipeline === pipeline);
  if (found === undefined) throw new Error(`${pipeline} is not applied`);
  return found;
}
