import { createRandom, systemClock } from '@penstock/kernel';
import { Ledger, pumpLimits, runPump, type Stage } from '@penstock/pipeline';
import { aimed, type Bench, compete, report, summarise } from './figures.ts';
import { createIdentityStage } from './identity-stage.ts';
import { CountingSink, createMemorySource, type Reading, readingHeaders } from './memory-ends.ts';

const records = 1_000_000;
const distinctPayloads = 10_000;
const payloadBytes = 200;

/** The loop in one process between memory ends: what the pump itself costs. */
export const benchPump: Bench = async (options) => {
  const readings = createReadings();
  const measured = await compete({ identity: () => pumpThrough(createIdentityStage(), readings) }, options);
  const identity = summarise('identity', 'records/s', measured['identity'] as number[]);
  return report('pump', [aimed(identity, 2_000_000)]);
};

function createReadings(): Reading[] {
  const random = createRandom(7);
  return Array.from({ length: distinctPayloads }, (_, index) => ({
    key: new TextEncoder().encode(`building/${index % 100}`),
    payload: Uint8Array.from({ length: payloadBytes }, () => Math.floor(random() * 256)),
    headers: readingHeaders,
  }));
}

/** Records per second through the real pump; every record must come out, with all its bytes. */
async function pumpThrough(stage: Stage, readings: readonly Reading[]): Promise<number> {
  const sink = new CountingSink();
  const startedMs = performance.now();
  await runPump(
    {
      source: createMemorySource(readings, records),
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
  const seconds = (performance.now() - startedMs) / 1_000;
  if (sink.records !== records) throw new Error(`${sink.records} of ${records} records came out`);
  if (sink.bytes !== records * payloadBytes) throw new Error(`${sink.bytes} bytes came out`);
  return records / seconds;
}
