import { Consumer, type Message, MessagesStreamModes, Producer } from '@platformatic/kafka';
import mqtt from 'mqtt';
import { Client } from 'pg';
import { benchFilter, window } from './bare-subscribers.ts';

/**
 * The hops of the pipe with their clients alone: a subscriber to a topic, twice from a topic to the next, and from the last into
 * PostgreSQL. Nothing is decoded, checked, remembered or guaranteed. One process; tells `ready`, then after `records` its processor
 * seconds. Arguments: MQTT URL, Kafka address, PostgreSQL URL, prefix of the topics, records.
 */
const [mqttUrl = '', kafka = '', postgresUrl = '', prefix = '', records] = process.argv.slice(2);
const batchRows = 500;
/** A batch stays below what a broker takes in one piece. */
const batchRowsMax = 2_000;
const lingerMs = 5;
const base = { clientId: prefix, bootstrapBrokers: [kafka] };
const topicOf = (hop: number): string => `${prefix}.${hop}`;

/** Hands what is pushed on in batches, one at a time, each at most a few milliseconds late. */
function createBatcher(handOver: (batch: readonly Buffer[]) => Promise<unknown>): (value: Buffer) => void {
  let waiting: Buffer[] = [];
  let busy = false;
  const flush = async (): Promise<void> => {
    busy = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, batchRowsMax);
      waiting = waiting.slice(batch.length);
      await handOver(batch);
    }
    busy = false;
  };
  return (value) => {
    waiting.push(value);
    if (!busy && waiting.length >= batchRows) void flush();
    else if (waiting.length === 1) setTimeout(() => void (busy || flush()), lingerMs);
  };
}

const producer = new Producer({ ...base, acks: -1 });
let placed = 0;

function produceTo(hop: number): (value: Buffer) => void {
  return createBatcher((batch) => {
    placed += 1;
    const partition = placed % 4;
    return producer.send({ messages: batch.map((value) => ({ topic: topicOf(hop), partition, value })) });
  });
}

async function consumeFrom(hop: number, handOn: (value: Buffer) => void): Promise<void> {
  const consumer = new Consumer({ ...base, groupId: `${prefix}.${hop}` });
  const stream = await consumer.consume({
    topics: [topicOf(hop)],
    mode: MessagesStreamModes.EARLIEST,
    autocommit: 1_000,
    maxWaitTime: 100,
  });
  stream.on('data', ({ value }: Message) => handOn(value));
}

const database = new Client({ connectionString: postgresUrl });
await database.connect();
await database.query('create table if not exists bare_readings (payload bytea)');
let stored = 0;
const insert = createBatcher(async (batch) => {
  await database.query('insert into bare_readings select unnest($1::bytea[])', [batch]);
  stored += batch.length;
  if (stored < Number(records)) return;
  const { user, system } = process.cpuUsage(cpuBefore);
  console.log((user + system) / 1e6);
  process.exit(0);
});

await consumeFrom(2, insert);
await consumeFrom(1, produceTo(2));
await consumeFrom(0, produceTo(1));
const client = await mqtt.connectAsync(mqttUrl, { protocolVersion: 5, properties: { receiveMaximum: window } });
const first = produceTo(0);
client.on('message', (_topic, payload) => first(payload));
await client.subscribeAsync(benchFilter, { qos: 1 });
const cpuBefore = process.cpuUsage();
console.log('ready');
