import { type Kafka, openAcknowledgedSink, openKafka, openKafkaSink, openKafkaSource } from '@penstock/kafka';
import { type Assignment, createFateCounts, type Delivery, type Output, type Sink } from '@penstock/pipeline';

/** What a measuring process is told, as JSON in its only argument; it answers with one line of JSON. */
export interface KafkaJob {
  readonly what: 'produce' | 'consume' | 'transactions';
  readonly driver: 'kafkajs' | 'platformatic';
  readonly address: string;
  readonly topic: string;
  readonly partitions: number;
  readonly records: number;
  readonly recordBytes: number;
  /** Names the consumer group or the pipeline, so that each round starts anew. */
  readonly run: string;
}

export interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const deliveryRows = 500;
const inFlightMax = 16;
const warmupShare = 0.1;
const never = new AbortController().signal;
const noBury = async (): Promise<void> => undefined;

async function measure(work: () => Promise<void>): Promise<Measured> {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const used = process.cpuUsage(cpu);
  return { seconds: (performance.now() - startedAt) / 1000, cpuSeconds: (used.user + used.system) / 1e6 };
}

function deliveryOf(job: KafkaJob, index: number, payload: Uint8Array): Delivery {
  const outputs = Array.from({ length: deliveryRows }, (_, row): Output => {
    const key = Buffer.from(String(index * deliveryRows + row));
    return { id: '', route: 'main', key, payload, headers: [], eventTimeMs: 0, cause: row };
  });
  const from = index * deliveryRows;
  const lane = `${job.topic}/0`;
  return {
    lane,
    from,
    to: from + deliveryRows,
    outputs,
    changes: [],
    fates: createFateCounts({ forwarded: deliveryRows }),
    refusals: [],
  };
}

/** Through a claim, as the pump does it: deliveries overlap up to the pump's limit. */
async function deliverAll(sink: Sink, job: KafkaJob): Promise<Measured> {
  const claim = await sink.claim(`${job.topic}/0`, never);
  const payload = Buffer.alloc(job.recordBytes, 'x');
  let next = 0;
  const upTo = async (deliveries: number): Promise<void> => {
    const flight = async (): Promise<void> => {
      while (next < deliveries) await claim.deliver(deliveryOf(job, next++, payload), noBury, never);
    };
    await Promise.all(Array.from({ length: inFlightMax }, flight));
  };
  const warmup = Math.floor((job.records * warmupShare) / deliveryRows);
  await upTo(warmup);
  const measured = await measure(() => upTo(warmup + job.records / deliveryRows));
  await claim[Symbol.asyncDispose]();
  return measured;
}

async function consumeAll(kafka: Kafka, job: KafkaJob): Promise<Measured> {
  await using source = openKafkaSource(kafka, { groupId: job.run, topics: [job.topic], commits: 'source' });
  let left = job.records;
  const done = new AbortController();
  return await measure(async () => {
    const lanes: Promise<void>[] = [];
    for await (const assignment of source.assignments(done.signal)) lanes.push(read(assignment));
    await Promise.all(lanes);
  });

  async function read(assignment: Assignment): Promise<void> {
    for await (const batch of assignment.batches(null)) {
      left -= batch.length;
      assignment.settle(batch.to, []);
      if (left <= 0) done.abort();
      if (done.signal.aborted) return;
    }
  }
}

const job = JSON.parse(process.argv[2] as string) as KafkaJob;
const kafka = openKafka({ brokers: [job.address], driver: job.driver });
const routes = new Map([['main', { topic: job.topic, partitions: job.partitions }]]);
const jobs: Record<KafkaJob['what'], () => Promise<Measured>> = {
  produce: () => deliverAll(openAcknowledgedSink(kafka, { routes }), job),
  transactions: () =>
    deliverAll(openKafkaSink(kafka, { pipeline: job.run, stage: 'bench', groupId: job.run, routes, changelog: null }), job),
  consume: () => consumeAll(kafka, job),
};
console.log(JSON.stringify(await jobs[job.what]()));
process.exit(0); // readers of other lanes may still be waiting for records
