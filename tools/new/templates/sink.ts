import type { Names } from '../names.ts';
import { config, type Files, problems } from './component.ts';

const door = ({ pascal }: Names): string => `
export { away, badRecord } from './problems.ts';
export { ${pascal}Sink } from './sink.ts';
`;

const sink = ({ pascal }: Names): string => `
import { type Claim, type Delivery, fenced, type Lane, type Output, type Sink } from '@penstock/pipeline';

interface Place {
  epoch: number;
  position: number;
  readonly outputs: Output[];
}

/** Keeps outputs and positions together in memory; a claim fences every earlier owner of its lane. */
export class ${pascal}Sink implements Sink {
  readonly #places = new Map<Lane, Place>();

  stores(route: string): boolean {
    return route === 'main';
  }

  stored(lane: Lane): readonly Output[] {
    return this.#places.get(lane)?.outputs ?? [];
  }

  async claim(lane: Lane): Promise<Claim> {
    const place = this.#places.get(lane) ?? { epoch: 0, position: 0, outputs: [] };
    this.#places.set(lane, place);
    place.epoch += 1;
    const { epoch } = place;
    return {
      position: place.position,
      async *restore() {},
      deliver: async (delivery) => store(place, epoch, delivery),
      async [Symbol.asyncDispose]() {},
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function store(place: Place, epoch: number, delivery: Delivery): void {
  if (place.epoch !== epoch) throw fenced(\`\${delivery.lane} was claimed by another owner\`);
  place.outputs.push(...delivery.outputs);
  place.position = delivery.to;
}
`;

const test = ({ pascal }: Names): string => `
import { expect, test } from '@jest/globals';
import { createFateCounts, type Delivery, type Output } from '@penstock/pipeline';
import { ${pascal}Sink } from './sink.ts';

const output: Output = { id: '1', route: 'main', key: null, payload: null, headers: [], eventTimeMs: 0, cause: 0 };
const delivery: Delivery = { lane: 'a/0', from: 0, to: 1, outputs: [output], changes: [], fates: createFateCounts(), refusals: [] };
const bury = async (): Promise<void> => undefined;
const { signal } = new AbortController();

test('rows and position move together, and an earlier owner is fenced', async () => {
  const sink = new ${pascal}Sink();
  const first = await sink.claim('a/0');
  await first.deliver(delivery, bury, signal);
  const second = await sink.claim('a/0');
  expect(second.position).toBe(1);
  await expect(first.deliver(delivery, bury, signal)).rejects.toMatchObject({ code: 'lane.fenced' });
  expect(sink.stored('a/0')).toHaveLength(1);
});
`;

export function sinkFiles(names: Names): Files {
  return {
    'src/config.ts': config(names),
    'src/problems.ts': problems(names),
    'src/index.ts': door(names),
    'src/sink.ts': sink(names),
    'src/sink.test.ts': test(names),
  };
}
