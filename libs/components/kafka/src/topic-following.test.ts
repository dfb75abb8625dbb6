import { expect, test } from '@jest/globals';
import type { Clock } from '@penstock/kernel';
import { Cluster } from './cluster.ts';
import { kafkaConfig } from './config.ts';
import type { Kafka } from './kafka.ts';
import { KafkaError, kafkaCode } from './kafka-error.ts';
import type { Driver, FetchedRecord } from './port.ts';
import { followTopic } from './topic-following.ts';

const never = new AbortController().signal;

function recordAt(offset: number): FetchedRecord {
  return { offset, timestampMs: 0, key: null, value: Buffer.from(String(offset)), headers: [] };
}

/** One broker with one topic; the driver's answers are the port's, the log is a list. Every request asks `fault` first. */
class Broker {
  readonly log: FetchedRecord[] = [];
  fault: KafkaError | null = null;
  /** Kafka's code for the partition alone, as a fetch answers it. */
  fetchCode = 0;
  /** Waits, as the clock was asked for them. */
  readonly waits: number[] = [];
  /** Called at each wait of an outage. */
  onWait: () => void = () => undefined;

  open(): Kafka {
    const clock: Clock = {
      nowMs: () => 0,
      sleep: async (ms) => {
        this.waits.push(ms);
        this.onWait();
      },
    };
    const node = { nodeId: 1, host: 'memory', port: 1 };
    const driver = {
      metadata: async () =>
        this.#answer({ nodes: [node], controllerId: 1, topics: new Map([['topic', [{ partition: 0, leaderId: 1 }]]]) }),
      listOffsets: async (_at, { which }) =>
        this.#answer([{ topic: 'topic', partition: 0, offset: which === 'earliest' ? 0 : this.log.length }]),
      fetch: async (_at, { partitions }) => this.#answer([this.#fetched(partitions[0]?.offset ?? 0)]),
      release: async () => undefined,
    } as Partial<Driver> as Driver;
    const config = kafkaConfig.parse({ brokers: ['memory:1'] });
    return { config, driver, cluster: new Cluster(driver, [node]), clock, [Symbol.asyncDispose]: async () => undefined };
  }

  async #answer<Answer>(answer: Answer): Promise<Answer> {
    await new Promise(setImmediate); // a network has its turn
    if (this.fault !== null) throw this.fault;
    return answer;
  }

  #fetched(from: number) {
    const records = this.log.slice(from);
    const batch = { lastOffset: this.log.length - 1, producerId: -1n, transactional: false, control: false, records };
    return {
      topic: 'topic',
      partition: 0,
      errorCode: this.fetchCode,
      lastStableOffset: this.log.length,
      abortedTransactions: [],
      batches: records.length === 0 ? [] : [batch],
    };
  }
}

const silent = new KafkaError(kafkaCode.noAnswer, 'connection refused');

test('an outage is waited out with longer and longer waits, and every record is applied once', async () => {
  const broker = new Broker();
  broker.log.push(recordAt(0), recordAt(1));
  const applied: number[] = [];
  const waiting: string[] = [];
  await using following = await followTopic(broker.open(), {
    topic: 'topic',
    signal: never,
    apply: ({ offset }) => void applied.push(offset),
    waiting: ({ code }) => void waiting.push(code),
    random: () => 1,
  });
  broker.fault = silent;
  broker.onWait = () => {
    if (broker.waits.length === 20) broker.fault = null;
  };
  broker.log.push(recordAt(2));
  await following.sync();
  expect(applied).toEqual([0, 1, 2]);
  expect(Math.max(...broker.waits)).toBe(5_000);
  expect(broker.waits.slice(0, 2)).toEqual([100, 100]); // the reader's and the caller's
  expect(new Set(waiting)).toEqual(new Set(['kafka.unreachable']));
});

test('a broker that is away at the beginning is waited for', async () => {
  const broker = new Broker();
  broker.log.push(recordAt(0));
  broker.fault = silent;
  broker.onWait = () => {
    if (broker.waits.length === 3) broker.fault = null;
  };
  const applied: number[] = [];
  await using _ = await followTopic(broker.open(), {
    topic: 'topic',
    signal: never,
    apply: ({ offset }) => void applied.push(offset),
  });
  expect(applied).toEqual([0]);
});

test('what apply throws ends the following, and is told to everyone who waits', async () => {
  const broker = new Broker();
  const spoilt = new Error('spoilt');
  const following = await followTopic(broker.open(), {
    topic: 'topic',
    signal: never,
    apply: () => Promise.reject(spoilt),
  });
  broker.log.push(recordAt(0));
  const told = expect(following.ended).rejects.toBe(spoilt);
  await expect(following.sync()).rejects.toBe(spoilt);
  await told;
  await following[Symbol.asyncDispose]();
});

test('an abort during an outage ends the beginning', async () => {
  const broker = new Broker();
  broker.fault = silent;
  const abort = new AbortController();
  broker.onWait = () => abort.abort();
  const beginning = followTopic(broker.open(), { topic: 'topic', signal: abort.signal, apply: () => undefined });
  await expect(beginning).rejects.toMatchObject({ kind: { code: 'kafka.closed' } });
});

test('a record that was deleted unread is no outage', async () => {
  const broker = new Broker();
  broker.log.push(recordAt(0));
  broker.fetchCode = kafkaCode.offsetOutOfRange;
  const beginning = followTopic(broker.open(), { topic: 'topic', signal: never, apply: () => undefined });
  await expect(beginning).rejects.toMatchObject({ kind: { code: 'kafka.deleted-unread' } });
});
