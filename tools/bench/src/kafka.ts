import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, findJava, kafkaLibraries, openBrokers } from '@penstock/brokers';
import { ensureTopics, openKafka } from '@penstock/kafka';
import { type Bench, type BenchOptions, beside, type Figure, report, summarise } from './figures.ts';
import type { KafkaJob, Measured } from './kafka-worker.ts';

const run = promisify(execFile);
const partitions = 4;
const recordBytes = 200;
const recordsOf = { produce: 400_000, consume: 400_000, transactions: 200_000 } as const;
const drivers = ['platformatic', 'kafkajs'] as const;
const works = ['produce', 'consume', 'transactions'] as const;
export type Work = (typeof works)[number];
type Contender = (typeof drivers)[number] | 'java';

export interface KafkaSite {
  readonly address: string;
  readonly java: string;
  readonly classPath: string;
}

/**
 * Both drivers behind the door beside Kafka's own tools, in turn on one broker. Records of 200 B over 4 partitions, acks=all, idempotent,
 * lingering 5 ms; a transaction every 100 ms. Each measurement is a process of its own. Our processor time leaves the start of the
 * process out; Java's includes it, since its tools cannot be asked without.
 */
export const benchKafka: Bench = async (options) => {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-bench-kafka-'));
  try {
    await using brokers = await openBrokers({ folder, names: ['kafka'] });
    const java = await findJava('The bench');
    const classPath = `${await kafkaLibraries(cacheFolder, options.say)}/*`;
    return report('kafka', await measureAll({ address: brokers.kafka.address, java, classPath }, options));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

async function measureAll(site: KafkaSite, options: BenchOptions): Promise<Figure[]> {
  const measured = new Map<string, Measured[]>();
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const work of works) {
      const topic = work === 'consume' ? topicOf('produce', round) : topicOf(work, round);
      if (work !== 'consume') await declareTopic(site.address, topic);
      for (const contender of [...drivers, 'java'] as const) {
        const one = await measureOne(site, { contender, work, topic, round });
        measured.set(nameOf(work, contender), [...(measured.get(nameOf(work, contender)) ?? []), one]);
      }
    }
    options.say(`round ${round} of ${options.rounds}`);
  }
  return works.flatMap((work) => figuresOf(work, measured));
}

function topicOf(work: Work, round: number): string {
  return `bench.${work}.${round}`;
}

function nameOf(work: Work, contender: Contender): string {
  return `${work}, ${contender}`;
}

export async function declareTopic(address: string, topic: string): Promise<void> {
  await using kafka = openKafka({ brokers: [address] });
  await ensureTopics(kafka, [{ topic, partitions, cleanup: 'delete', retentionMs: -1 }]);
}

interface Measurement {
  readonly contender: Contender;
  readonly work: Work;
  readonly topic: string;
  readonly round: number;
}

async function measureOne(site: KafkaSite, { contender, work, topic, round }: Measurement): Promise<Measured> {
  const group = `bench-${work}-${contender}-${round}`;
  if (contender === 'java') return measureJava(site, { work, topic, group });
  const job: KafkaJob = {
    what: work,
    driver: contender,
    address: site.address,
    topic,
    partitions,
    records: recordsOf[work],
    recordBytes,
    run: group,
  };
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'kafka-worker.ts'), JSON.stringify(job)]);
  return JSON.parse(stdout) as Measured;
}

/** Kafka's own tools, as fast as they can. */
export async function measureJava(
  site: KafkaSite,
  { work, topic, group, records = recordsOf[work] }: { work: Work; topic: string; group: string; records?: number },
): Promise<Measured> {
  const tool = work === 'consume' ? 'ConsumerPerformance' : 'ProducerPerformance';
  const producing = [
    '--throughput',
    '-1',
    '--record-size',
    recordBytes,
    '--command-property',
    'acks=all',
    'enable.idempotence=true',
    'linger.ms=5',
  ];
  const transactional = work === 'transactions' ? ['--transactional-id', group, '--transaction-duration-ms', 100] : [];
  const consuming = ['--group', group, '--hide-header', '--timeout', 30_000];
  const args = ['--bootstrap-server', site.address, '--topic', topic, '--num-records', records];
  const all = [...args, ...(work === 'consume' ? consuming : [...producing, ...transactional])].map(String);
  const command = ['-Xmx512m', '-cp', site.classPath, `org.apache.kafka.tools.${tool}`, ...all];
  // A shell's `times` tells what its children have used.
  const { stdout } = await run('sh', ['-c', '"$0" "$@"; times', site.java, ...command], { maxBuffer: 10_000_000 });
  return {
    seconds: records / (work === 'consume' ? consumedRate(stdout) : producedRate(stdout)),
    cpuSeconds: childSeconds(stdout),
  };
}

function producedRate(output: string): number {
  const rates = [...output.matchAll(/^\d+ records sent, ([\d.]+) records\/sec.*99\.9th/gm)];
  return numberOf(rates.at(-1)?.[1], 'records/sec of ProducerPerformance');
}

/** start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s: the last leaves joining the group out. */
function consumedRate(output: string): number {
  const line = output.split('\n').find((each) => each.split(', ').length === 10);
  return numberOf(line?.split(', ').at(-1), 'records/sec of ConsumerPerformance');
}

function childSeconds(output: string): number {
  const found = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(output);
  const [minutes, seconds, systemMinutes, systemSeconds] = (found ?? []).slice(1).map(Number);
  return numberOf(
    String(60 * ((minutes ?? Number.NaN) + (systemMinutes ?? 0)) + (seconds ?? 0) + (systemSeconds ?? 0)),
    'processor time',
  );
}

function numberOf(text: string | undefined, what: string): number {
  const number = Number(text);
  if (text === undefined || Number.isNaN(number))
    throw new Error(`the output of Kafka's tool holds no ${what}; it may be of another version`);
  return number;
}

function figuresOf(work: Work, measured: ReadonlyMap<string, readonly Measured[]>): Figure[] {
  const records = recordsOf[work];
  const of = (contender: Contender): readonly Measured[] => measured.get(nameOf(work, contender)) ?? [];
  const rate = (contender: Contender): Figure =>
    summarise(
      `${work}, ${contender}`,
      'records/s',
      of(contender).map(({ seconds }) => records / seconds),
    );
  const cpu = (contender: Contender): Figure =>
    summarise(
      `${work}, ${contender}, processor`,
      'CPU s per million',
      of(contender).map(({ cpuSeconds }) => (cpuSeconds * 1e6) / records),
    );
  return [
    ...drivers.map((driver) => beside(rate(driver), rate('java'))),
    rate('java'),
    ...drivers.map((driver) => beside(cpu(driver), cpu('java'))),
    cpu('java'),
  ];
}
