import { createRandom, systemClock } from '@penstock/kernel';
import { Ledger, pumpLimits, runPump, type Stage } from '@penstock/pipeline';
import { aimed, type Bench, beside, compete, type Figure, report, summarise } from './figures.ts';
import { createIdentityStage } from './identity-stage.ts';
import { CountingSink, createMemorySource, type Reading, readingHeaders } from './memory-ends.ts';
import { createAvroFormat, createJsonFormat, createProtobufFormat, type ReadingFormat } from './reading-formats.ts';
import { createReadingStage, createWindowStage } from './reading-stages.ts';
import { drawReadings, encodeTo, type RoomReading, rooms } from './readings.ts';

const identityRecords = 1_000_000;
const records = 200_000;
const distinctPayloads = 10_000;
const payloadBytes = 200;
const windowRoundsPerWindow = 6;

/**
 * The loop in one process between memory ends. Every format comes out as it went in, byte for byte, and is held against a bare
 * loop of the fastest library over the same bytes; windows are held against JSON's bare loop.
 */
export const benchPump: Bench = async (options) => {
  const formats = [createJsonFormat(), createAvroFormat(), createProtobufFormat()];
  const contenders: Record<string, () => Promise<number> | number> = {
    identity: () =>
      pumpThrough(createIdentityStage(), { readings: createNoise(), records: identityRecords, isWhole: isUntouched }),
  };
  for (const format of formats) {
    const payloads = encodeTo(payloadBytes, drawReadings(distinctPayloads), (reading) => format.encode(reading));
    const readings = payloads.map(readingOf);
    const stage = createReadingStage(format);
    contenders[format.name] = () => pumpThrough(stage, { readings, records, isWhole: isUntouched });
    contenders[`bare ${format.name}`] = () => runBare(format, payloads);
  }
  contenders['windows'] = createWindowRun(formats.at(-1) as ReadingFormat);
  const measured = await compete(contenders, options);
  return report(
    'pump',
    figuresOf(formats, (name, label) => summarise(label, 'records/s', measured[name] as number[])),
  );
};

function figuresOf(formats: readonly ReadingFormat[], figure: (name: string, label: string) => Figure): Figure[] {
  const bare = formats.map(({ name, limit }) => figure(`bare ${name}`, `${name}, bare ${limit}`));
  const pumped = formats.map(({ name }, index) =>
    beside(figure(name, `${name}: decode, validate, compute, encode`), bare[index] as Figure, 0.6),
  );
  const windows = beside(figure('windows', 'dedupe, validate, hampel, window'), bare[0] as Figure, 1);
  return [aimed(figure('identity', 'identity'), 2_000_000), ...pumped, ...bare, windows];
}

interface Run {
  readonly readings: readonly Reading[];
  readonly records: number;
  /** Whether what came out is what had to. */
  readonly isWhole: (sink: CountingSink, records: number) => boolean;
}

function isUntouched(sink: CountingSink, count: number): boolean {
  return sink.records === count && sink.bytes === count * payloadBytes;
}

function readingOf(payload: Uint8Array): Reading {
  return { key: new TextEncoder().encode('west/100'), payload, headers: readingHeaders };
}

function createNoise(): Reading[] {
  const random = createRandom(7);
  return Array.from({ length: distinctPayloads }, () =>
    readingOf(Uint8Array.from({ length: payloadBytes }, () => Math.floor(random() * 256))),
  );
}

/** Every window but the last ones, which stay open, comes out once. */
function createWindowRun(format: ReadingFormat): () => Promise<number> {
  const payloads = drawReadings(records).map((reading) => format.encode({ ...reading, note: 'n'.repeat(106) }));
  const readings = payloads.map(readingOf);
  const stage = createWindowStage(format);
  const windows = Math.floor(records / windowRoundsPerWindow);
  const isWhole = (sink: CountingSink): boolean => sink.records <= windows && sink.records >= windows - 2 * rooms;
  return () => pumpThrough(stage, { readings, records, isWhole });
}

/** Seconds of processor that this thread takes from now on: on an idle machine those of the clock, on a busy one still the same. */
function threadSeconds(): () => number {
  const before = process.threadCpuUsage();
  return () => {
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1e6;
  };
}

/** Records per second through the real pump. */
async function pumpThrough(stage: Stage, { readings, records: count, isWhole }: Run): Promise<number> {
  const sink = new CountingSink();
  const seconds = threadSeconds();
  await runPump(
    {
      source: createMemorySource(readings, count),
      sink,
      stage,
      dead: null,
      origin: { pipeline: 'bench', stage: stage.name },
      clock: systemClock,
      random: Math.random,
      limits: pumpLimits,
      ledger: new Ledger(),
    },
    new AbortController().signal,
  );
  const rate = count / seconds();
  if (!isWhole(sink, count)) throw new Error(`${stage.name}: ${sink.records} records of ${sink.bytes} bytes came out`);
  return rate;
}

function runBare(format: ReadingFormat, payloads: readonly Uint8Array[]): number {
  let bytes = 0;
  const seconds = threadSeconds();
  for (let index = 0; index < records; index += 1) {
    const reading = format.decode(payloads[index % payloads.length] as Uint8Array) as RoomReading;
    bytes += format.encode(reading).length;
  }
  const rate = records / seconds();
  if (bytes !== records * payloadBytes) throw new Error(`${format.name}: ${bytes} bytes came out of the bare loop`);
  return rate;
}
