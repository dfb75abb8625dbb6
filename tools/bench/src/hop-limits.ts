import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, findJava, kafkaLibraries } from '@penstock/brokers';
import type { Client } from 'pg';
import { openBareParser } from './bare-subscribers.ts';
import { type BenchOptions, type Figure, summarise } from './figures.ts';
import { declareTopic, type KafkaSite, measureJava, type Work } from './kafka.ts';
import { receive } from './mqtt.ts';
import type { Site } from './pipeline-site.ts';

const kafkaRecords = 200_000;
const copiedRows = 200_000;
const bareRecords = 60_000;
const works: readonly Work[] = ['produce', 'consume', 'transactions'];

/** What each hop does alone, on the same brokers while nothing else flows. */
export async function measureHops(site: Site, { rounds, say }: BenchOptions): Promise<Figure[]> {
  const { brokers } = site.platform;
  const measured = new Map<string, number[]>();
  const keep = (name: string, rate: number): void => void measured.set(name, [...(measured.get(name) ?? []), rate]);
  const java = await findJava('The bench');
  const classPath = `${await kafkaLibraries(cacheFolder, say)}/*`;
  const kafka: KafkaSite = { address: brokers.kafka.address, java, classPath };
  for (let round = 1; round <= rounds; round += 1) {
    keep('MQTT, a bare subscriber of QoS 1', (await receive(brokers.mosquitto.port, openBareParser)).rate);
    for (const work of works) keep(`Kafka's perf tool, ${work}`, await runKafkaTool(kafka, work, round));
    keep('PostgreSQL, COPY of the same columns', await copy(site.database));
    say(`hops alone, round ${round} of ${rounds}`);
  }
  return [...measured].map(([name, rates]) => summarise(name, 'records/s', rates));
}

async function runKafkaTool(kafka: KafkaSite, work: Work, round: number): Promise<number> {
  const topic = `hops.${work === 'transactions' ? work : 'records'}.${round}`;
  if (work !== 'consume') await declareTopic(kafka.address, topic);
  const { seconds } = await measureJava(kafka, { work, topic, group: `hops-${work}-${round}`, records: kafkaRecords });
  return kafkaRecords / seconds;
}

/** From a file beside the database, without a client that could be too slow. */
async function copy(database: Client): Promise<number> {
  const { rows } = await database.query('select count(*)::int as stored from predictions');
  const source = join(tmpdir(), `penstock-bench-${process.pid}.copy`);
  await database.query('create table copied (like predictions)');
  try {
    const sample = Math.min(rows[0].stored, copiedRows);
    await database.query(`copy (select * from predictions limit ${sample}) to '${source}'`);
    const startedMs = performance.now();
    await database.query(`copy copied from '${source}'`);
    return (sample / (performance.now() - startedMs)) * 1_000;
  } finally {
    await database.query('drop table copied');
  }
}

/** Processor seconds of the bare loop for 100,000 records: the same clients, and nothing but moving bytes. */
export async function measureBarePipe(site: Site, { rounds, say }: BenchOptions): Promise<Figure> {
  const measured: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    measured.push(((await runBarePipe(site, `bare${round}`)) * 100_000) / bareRecords);
    say(`the bare loop, round ${round} of ${rounds}`);
  }
  return summarise('processor, a bare loop over the same hops', 'CPU s per 100,000', measured);
}

async function runBarePipe(site: Site, prefix: string): Promise<number> {
  const { kafka, mosquitto, postgres } = site.platform.brokers;
  for (const hop of [0, 1, 2]) await declareTopic(kafka.address, `${prefix}.${hop}`);
  const args = [mosquitto.address, kafka.address, postgres.address, prefix, bareRecords].map(String);
  const pipe = spawn(process.execPath, [join(import.meta.dirname, 'bare-pipe.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  let feeding = false;
  pipe.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (feeding) return;
    feeding = true;
    const load = [mosquitto.port, 'bench/room/1/reading', bareRecords, 200].map(String);
    spawn(process.execPath, [join(import.meta.dirname, 'mqtt-load.ts'), ...load], { stdio: 'inherit' });
  });
  const [code] = await once(pipe, 'close');
  if (code !== 0) throw new Error(`the bare loop ended with code ${code}`);
  return Number(said.replace('ready', ''));
}
