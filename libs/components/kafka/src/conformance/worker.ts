import { createRandom, systemClock } from '@penstock/kernel';
import {
  type Batch,
  createFateCounts,
  type Delivery,
  Ledger,
  pumpLimits,
  runPump,
  type Stage,
  type StateChange,
} from '@penstock/pipeline';
import { openAcknowledgedSink } from '../acknowledged-sink.ts';
import { type Kafka, openKafka } from '../kafka.ts';
import { Producer } from '../producer.ts';
import { openKafkaSink } from '../sink.ts';
import { openKafkaSource } from '../source.ts';

/** What a worker process of the fault tests is told, as JSON in its only argument. */
export interface WorkerOrder {
  readonly job: 'pump' | 'leave a transaction open';
  readonly driver: 'kafkajs' | 'platformatic';
  readonly brokers: readonly string[];
  readonly input: string;
  readonly output: string;
  readonly outputPartitions: number;
  readonly changelog: string;
  readonly groupId: string;
  /** Red on purpose: outputs and positions are stored one after the other, with no transaction around them. */
  readonly unprotected?: boolean;
}

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Forwards each row with its number in the lane; the number is state, so lost or doubled state shows in the output. */
function createNumberingStage(stateful: boolean): Stage {
  return {
    name: 'number',
    async open(_lane, restored) {
      let count = 0;
      for await (const { value } of restored) count = Number(text.decode(value as Uint8Array));
      const process = (batch: Batch): Delivery => {
        const outputs = Array.from({ length: batch.length }, (_, row) => {
          count += 1;
          const payload = utf8.encode(`${text.decode(batch.payload(row) as Uint8Array)} ${batch.lane} ${count}`);
          const id = `${batch.lane}/${batch.position(row)}`;
          return { id, route: 'main', key: batch.key(row), payload, headers: batch.headers(row), eventTimeMs: 0, cause: row };
        });
        const change: StateChange = { store: 'count', key: utf8.encode('count'), value: utf8.encode(String(count)) };
        const { lane, from, to, length } = batch;
        return {
          lane,
          from,
          to,
          outputs,
          changes: stateful ? [change] : [],
          fates: createFateCounts({ forwarded: length }),
          refusals: [],
        };
      };
      return { process, tick: () => null, [Symbol.dispose]: () => undefined };
    },
  };
}

async function pump(kafka: Kafka, order: WorkerOrder): Promise<void> {
  const { groupId, input, changelog, unprotected = false } = order;
  const routes = new Map([['main', { topic: order.output, partitions: order.outputPartitions }]]);
  const limits = { sessionTimeoutMs: 6_000, heartbeatMs: 500, batchRowsMax: 20, aheadBatchesMax: 200 };
  await using source = openKafkaSource(kafka, { groupId, topics: [input], commits: unprotected ? 'source' : 'sink', limits });
  await using sink = unprotected
    ? openAcknowledgedSink(kafka, { routes })
    : openKafkaSink(kafka, { pipeline: groupId, stage: 'number', groupId, routes, changelog });
  const drain = new AbortController();
  process.once('SIGTERM', () => drain.abort());
  const options = {
    source,
    sink,
    stage: createNumberingStage(!unprotected),
    dead: null,
    origin: { pipeline: groupId, stage: 'number' },
    clock: systemClock,
    random: createRandom(1),
    limits: { ...pumpLimits, deliveriesInFlightMax: 4, fencedMs: 7_000 },
    ledger: new Ledger(),
    events: {
      settled: (delivery: Delivery) => console.log(`settled ${delivery.lane} ${delivery.to}`),
      claimed: (lane: string, position: number | null) => console.log(`claimed ${lane} ${position}`),
      waiting: (lane: string, problem: Error) => console.log(`waiting ${lane} ${problem.message}`),
    },
  };
  await runPump(options, drain.signal);
}

async function leaveTransactionOpen(kafka: Kafka, { output, groupId, input }: WorkerOrder): Promise<void> {
  const transactionalId = `${groupId}.number.${input}/0`;
  const signal = new AbortController().signal;
  const producer = new Producer(kafka, {
    transactionalId,
    transactionTimeoutMs: 600_000,
    batchBytesMax: () => 1_000_000,
    signal,
  });
  await producer.initialise();
  await producer.send([{ topic: output, partition: 0, key: null, value: utf8.encode('never committed'), headers: [] }]);
  await producer.commitOffsets({ groupId, offsets: [{ topic: input, partition: 0, offset: 1 }] });
  console.log('open');
  process.stdin.resume(); // until it is killed
}

if (process.argv[1] === import.meta.filename) {
  const order = JSON.parse(process.argv[2] as string) as WorkerOrder;
  const kafka = openKafka({ brokers: [...order.brokers], driver: order.driver, requestTimeoutMs: 10_000 });
  if (order.job === 'pump') {
    await pump(kafka, order);
    await kafka[Symbol.asyncDispose]();
  } else {
    await leaveTransactionOpen(kafka, order);
  }
}
