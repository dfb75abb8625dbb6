import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBrokers } from '@penstock/brokers';
import { type Bench, type BenchOptions, beside, type Figure, report, summarise } from './figures.ts';
import { type Contender, openApicurio, openBare, openGateway } from './registry-contenders.ts';
import { atMostBeside } from './registry-figures.ts';
import { type Loaded, load, type Question } from './registry-load.ts';
import { answersOf, furnish, questionsOf } from './registry-questions.ts';
import { measureReplay } from './registry-replay.ts';

const warmupSeconds = 3;
const measuredSeconds = 1;

/** Processor time for a request, as a part of Apicurio's. */
const cpuAims: Readonly<Record<string, number>> = {
  'get by id': 0.1,
  lookup: 0.2,
  'check AVRO': 0.5,
  'check JSON': 0.5,
  'check PROTOBUF': 0.5,
  'check AVRO again': 0.1,
  'check JSON again': 0.1,
  'check PROTOBUF again': 0.1,
};
const bareCpuAim = 3;
const newSchemasAim = 5;

/**
 * The gateway, which writes to Kafka, beside Apicurio Registry, which keeps everything in memory, and a Fastify that only answers the
 * same bytes. 32 connections of autocannon, one kind of question at a time, contenders in turn. Schemas have 21 fields, subjects five
 * versions, and every check compares with all of them. Processor time is the server's own, from /proc.
 */
export const benchRegistry: Bench = async (options) => {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-bench-registry-'));
  try {
    await using brokers = await openBrokers({ folder, names: ['kafka'] });
    const answering = await measureAnswers(brokers.kafka.address, options);
    return report('registry', [...answering, ...(await measureReplay(brokers.kafka.address, options))]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

interface Asked {
  readonly contender: Contender;
  readonly questions: Readonly<Record<string, Question>>;
}

async function measureAnswers(kafka: string, options: BenchOptions): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const gateway = stack.use(await openGateway(kafka));
  const asked = await ask(gateway);
  const bare = stack.use(await openBare(await answersOf(gateway, asked.questions)));
  const fixed = Object.entries(asked.questions).filter(([, { isVaried }]) => !isVaried);
  const apicurio = await openApicurio(options.say);
  if (apicurio !== null) stack.use(apicurio);
  const all: Asked[] = [asked, { contender: bare, questions: Object.fromEntries(fixed) }];
  if (apicurio !== null) all.push(await ask(apicurio));
  const measured = await measure(all, options);
  return Object.keys(asked.questions).flatMap((name) => figuresOf(name, measured));
}

async function ask(contender: Contender): Promise<Asked> {
  return { contender, questions: questionsOf(await furnish(contender)) };
}

type Measured = ReadonlyMap<string, readonly Loaded[]>;

async function measure(all: readonly Asked[], { rounds, say }: BenchOptions): Promise<Measured> {
  const measured = new Map<string, Loaded[]>();
  const names = Object.keys(all[0]?.questions ?? {});
  const turns = names.flatMap((name) => all.map(({ contender, questions }) => ({ name, contender, question: questions[name] })));
  for (const { contender, question } of turns) if (question !== undefined) await load(contender, question, warmupSeconds);
  say('everybody is warm');
  for (let round = 1; round <= rounds; round += 1) {
    for (const { name, contender, question } of turns) {
      if (question === undefined) continue;
      const key = keyOf(name, contender.name);
      measured.set(key, [...(measured.get(key) ?? []), await load(contender, question, measuredSeconds)]);
    }
    say(`round ${round} of ${rounds}`);
  }
  return measured;
}

function keyOf(question: string, contender: string): string {
  return `${question}, ${contender}`;
}

function figuresOf(name: string, measured: Measured): Figure[] {
  const figure = (what: keyof Loaded, unit: string, contender: string): Figure | null => {
    const rounds = measured.get(keyOf(name, contender));
    if (rounds === undefined) return null;
    return summarise(
      `${keyOf(name, contender)}, ${titles[what]}`,
      unit,
      rounds.map((each) => each[what]),
    );
  };
  const own = (what: keyof Loaded, unit: string): Figure => figure(what, unit, 'penstock') as Figure;
  const peer = { rate: figure('perSecond', 'requests/s', 'apicurio'), cpu: figure('cpuMicroseconds', 'µs', 'apicurio') };
  const bare = figure('cpuMicroseconds', 'µs', 'bare fastify');
  const rate = own('perSecond', 'requests/s');
  const cpu = own('cpuMicroseconds', 'µs');
  const rateAim = name === 'register new' ? newSchemasAim : undefined;
  return [
    peer.rate === null ? rate : beside(rate, peer.rate, rateAim),
    own('p99Ms', 'ms'),
    peer.cpu === null ? cpu : judged(cpu, peer.cpu, cpuAims[name]),
    bare === null
      ? null
      : judged({ ...cpu, name: `${cpu.name}, beside bare` }, bare, name === 'get by id' ? bareCpuAim : undefined),
    peer.rate,
    figure('p99Ms', 'ms', 'apicurio'),
    peer.cpu,
    figure('perSecond', 'requests/s', 'bare fastify'),
    bare,
  ].filter((each) => each !== null);
}

const titles: Readonly<Record<keyof Loaded, string>> = { perSecond: 'rate', p99Ms: 'p99', cpuMicroseconds: 'processor time' };

function judged(figure: Figure, peer: Figure, most: number | undefined): Figure {
  return most === undefined ? beside(figure, peer) : atMostBeside(figure, peer, most);
}
