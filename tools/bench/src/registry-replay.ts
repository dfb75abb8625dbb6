import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureTopics, openKafka, openPublisher } from '@penstock/kafka';
import { type BenchOptions, beside, type Figure, summarise } from './figures.ts';
import { openGateway, residentMegabytes } from './registry-contenders.ts';
import { atMost } from './registry-figures.ts';
import { schemaText } from './registry-schemas.ts';

const run = promisify(execFile);
const schemas = 20_000;
const versionsEach = 5;
const chunk = 500;
const replaySecondsMax = 2;
const residentMegabytesMax = 200;
const full = 'bench.replay.schemas';
const empty = 'bench.replay.none';

/** How long a gateway takes to start on a topic of 20,000 schemas, and what it holds then, beside a bare reading of the topic. */
export async function measureReplay(kafka: string, { rounds, say }: BenchOptions): Promise<Figure[]> {
  await writeSchemas(kafka);
  say(`${schemas} schemas are written`);
  const seconds: Record<'full' | 'none' | 'bare', number[]> = { full: [], none: [], bare: [] };
  const resident: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    seconds.none.push((await start(kafka, empty)).seconds);
    const started = await start(kafka, full);
    seconds.full.push(started.seconds);
    resident.push(started.megabytes);
    const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'registry-replay-bare.ts'), kafka, full]);
    seconds.bare.push(Number(stdout));
    say(`replay ${round + 1} of ${rounds}`);
  }
  const bare = summarise(`bare reading and JSON.parse of ${schemas}`, 's', seconds.bare);
  const replay = seconds.full.map((each, round) => each - (seconds.none[round] as number));
  return [
    summarise('start with no schemas', 's', seconds.none),
    summarise(`start with ${schemas}`, 's', seconds.full),
    bare,
    atMost(beside(summarise(`replay of ${schemas}`, 's', replay), bare), replaySecondsMax),
    atMost(summarise(`memory with ${schemas}`, 'MB', resident), residentMegabytesMax),
  ];
}

async function start(kafka: string, topic: string): Promise<{ seconds: number; megabytes: number }> {
  const topics = { PENSTOCK_SCHEMAS_TOPIC: topic, PENSTOCK_PIPELINES_TOPIC: 'bench.replay.pipelines' };
  await using gateway = await openGateway(kafka, topics);
  const megabytes = residentMegabytes(gateway);
  return { seconds: gateway.startedMs / 1_000, megabytes };
}

/** In the bytes in which they would have been registered. */
async function writeSchemas(address: string): Promise<void> {
  await using kafka = openKafka({ brokers: [address] });
  const declaration = { partitions: 1, cleanup: 'compact', retentionMs: -1, batchBytesMax: 8_388_608 } as const;
  await ensureTopics(kafka, [{ topic: full, ...declaration }]);
  await using publisher = openPublisher(kafka, new Map([['main', { topic: full, partitions: 1 }]]));
  for (let from = 0; from < schemas; from += chunk)
    await publisher.publish(Array.from({ length: chunk }, (_, index) => recordOf(from + index)));
}

function recordOf(index: number): Parameters<Awaited<ReturnType<typeof openPublisher>>['publish']>[0][number] {
  const subject = `readings-${Math.floor(index / versionsEach)}`;
  const version = (index % versionsEach) + 1;
  const key = JSON.stringify({ keytype: 'SCHEMA', subject, version, magic: 1 });
  const schema = schemaText('AVRO', versionsEach, index);
  const payload = JSON.stringify({ subject, version, id: index + 1, schema, deleted: false });
  return { id: String(index), route: 'main', key: Buffer.from(key), payload: Buffer.from(payload), headers: [] };
}
