import type { Names } from '../names.ts';
import { endProblems, type Files } from './component.ts';

const config = ({ pascal, camel }: Names): string => `
import { z } from 'zod';

/** Every setting says what it means; from here come validation, messages, completion and the reference page. */
export const ${camel}SinkConfig = z.strictObject({
  outputsMax: z.int().positive().default(100_000).describe('How many outputs a lane may hold'),
});

export type ${pascal}SinkConfig = z.output<typeof ${camel}SinkConfig>;
export type ${pascal}SinkSettings = z.input<typeof ${camel}SinkConfig>;
`;

const door = ({ pascal, camel }: Names): string => `
export { ${camel}SinkConfig, type ${pascal}SinkSettings } from './config.ts';
export { away } from './problems.ts';
export { open${pascal}Sink, type ${pascal}Sink } from './sink.ts';
`;

const sink = ({ pascal, camel }: Names): string => `
import { type Claim, type Delivery, fenced, type Lane, type Output, type Sink } from '@penstock/pipeline';
import { type ${pascal}SinkConfig, type ${pascal}SinkSettings, ${camel}SinkConfig } from './config.ts';
import { away } from './problems.ts';

export interface ${pascal}Sink extends Sink {
  stored(lane: Lane): readonly Output[];
}

interface Place {
  epoch: number;
  position: number;
  readonly outputs: Output[];
}

/** Keeps outputs and positions together in memory; a claim fences every earlier owner of its lane. */
export function open${pascal}Sink(settings: ${pascal}SinkSettings = {}): ${pascal}Sink {
  const config = ${camel}SinkConfig.parse(settings);
  const places = new Map<Lane, Place>();
  return {
    stores: (route) => route === 'main',
    stored: (lane) => places.get(lane)?.outputs ?? [],
    async claim(lane) {
      const place = places.get(lane) ?? { epoch: 0, position: 0, outputs: [] };
      places.set(lane, place);
      place.epoch += 1;
      return createClaim(place, config);
    },
    async [Symbol.asyncDispose]() {},
  };
}

function createClaim(place: Place, config: ${pascal}SinkConfig): Claim {
  const { epoch, position } = place;
  return {
    position,
    async *restore() {},
    async deliver(delivery) {
      if (place.epoch !== epoch) throw fenced(\`\${delivery.lane} was claimed by another owner\`);
      store(place, delivery, config);
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** Outputs and position move together or not at all. */
function store(place: Place, { outputs, to }: Delivery, { outputsMax }: ${pascal}SinkConfig): void {
  if (place.outputs.length + outputs.length > outputsMax) throw away(\`\${outputsMax} outputs are held: there is no room for more\`);
  place.outputs.push(...outputs);
  place.position = to;
}
`;

const test = ({ pascal }: Names): string => `
import { expect, test } from '@jest/globals';
import { createFateCounts, type Delivery, type Output } from '@penstock/pipeline';
import { open${pascal}Sink } from './sink.ts';

const output: Output = { id: '1', route: 'main', key: null, payload: null, headers: [], eventTimeMs: 0, cause: 0 };
const delivery: Delivery = { lane: 'a/0', from: 0, to: 1, outputs: [output], changes: [], fates: createFateCounts(), refusals: [] };
const bury = async (): Promise<void> => undefined;
const { signal } = new AbortController();

test('rows and position move together, and an earlier owner is fenced', async () => {
  await using sink = open${pascal}Sink({ outputsMax: 1 });
  const first = await sink.claim('a/0', signal);
  await first.deliver(delivery, bury, signal);
  const second = await sink.claim('a/0', signal);
  expect(second.position).toBe(1);
  await expect(first.deliver(delivery, bury, signal)).rejects.toMatchObject({ code: 'lane.fenced' });
  await expect(second.deliver({ ...delivery, from: 1, to: 2 }, bury, signal)).rejects.toMatchObject({ remedy: 'retry' });
  expect(sink.stored('a/0')).toHaveLength(1);
});
`;

export function sinkFiles(names: Names): Files {
  return {
    'src/config.ts': config(names),
    'src/problems.ts': endProblems(names),
    'src/index.ts': door(names),
    'src/sink.ts': sink(names),
    'src/sink.test.ts': test(names),
  };
}
