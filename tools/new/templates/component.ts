import type { Names } from '../names.ts';

type Files = Readonly<Record<string, string>>;

const config = ({ pascal, camel }: Names): string => `
import { z } from 'zod';

/** Every setting says what it means; from here come validation, messages, completion and the reference page. */
export const ${camel}Config = z.strictObject({
  field: z.string().min(1).describe('The field that is looked at'),
});

export type ${pascal}Config = z.output<typeof ${camel}Config>;
`;

const problems = ({ kebab }: Names): string => `
import { defineProblem } from '@penstock/kernel';

/** The record itself is at fault: it goes to the dead letters. */
export const badRecord = defineProblem({ code: '${kebab}.bad-record', status: 'INVALID_ARGUMENT', remedy: 'reject' });

/** Something that the component needs is away: the engine waits and tries again. */
export const away = defineProblem({ code: '${kebab}.away', status: 'UNAVAILABLE', remedy: 'retry' });
`;

export function transformFiles(names: Names): Files {
  const { pascal } = names;
  return {
    'src/config.ts': config(names),
    'src/problems.ts': problems(names),
    'src/index.ts': `
export { away, badRecord } from './problems.ts';
export { create${pascal}, type ${pascal}Settings } from './transform.ts';
`,
    'src/transform.ts': `
import { rowFate, type Slot } from '@penstock/kernel';
import type { OpenTransform } from '@penstock/pipeline';
import { badRecord } from './problems.ts';

export interface ${pascal}Settings {
  readonly name: string;
  readonly slot: Slot;
}

/** Looks at flowing rows only and changes columns in place. State is opened once for each lane, here. */
export function create${pascal}({ name, slot }: ${pascal}Settings): OpenTransform {
  return () => ({
    process(rows) {
      const values = rows.numbers(slot);
      for (let row = 0; row < rows.length; row += 1) {
        const value = values[row] as number;
        if (rows.fate[row] === rowFate.flowing && value < 0) rows.reject(row, badRecord(\`\${name}: expected 0 or more, got \${value}\`));
      }
    },
  });
}
`,
    'src/transform.test.ts': `
import { expect, test } from '@jest/globals';
import { type Field, Rows, rowFate } from '@penstock/kernel';
import { factFields, type LaneContext, StateStores } from '@penstock/pipeline';
import { create${pascal} } from './transform.ts';

const slots: readonly Field[] = [...factFields, { name: 'value', type: 'number', nullable: true }];
const lane: LaneContext = { lane: 'readings/0', batch: null, nowMs: 0, annotate: () => undefined };

test('rejects what is below zero and lets the rest flow', () => {
  const rows = new Rows(slots);
  rows.reset(2);
  rows.numbers(3).set([1, -1]);
  void create${pascal}({ name: 'value', slot: 3 })(new StateStores()).process(rows, lane);
  expect([...rows.fate.subarray(0, 2)]).toEqual([rowFate.flowing, rowFate.rejected]);
});
`,
  };
}

export function sourceFiles(names: Names): Files {
  const { pascal, kebab } = names;
  return {
    'src/config.ts': config(names),
    'src/problems.ts': problems(names),
    'src/index.ts': `
export { away, badRecord } from './problems.ts';
export { open${pascal}Source } from './source.ts';
`,
    'src/source.ts': `
import type { Assignment, Batch, Source } from '@penstock/pipeline';

/** Reads the given lines as one lane, over and over from wherever it is told to begin. */
export function open${pascal}Source(lines: readonly string[]): Source {
  return {
    async *assignments() {
      yield createAssignment(lines);
    },
    async [Symbol.asyncDispose]() {},
  };
}

function createAssignment(lines: readonly string[]): Assignment {
  let settled = 0;
  return {
    lane: '${kebab}/0',
    revoked: new AbortController().signal,
    async *batches(from) {
      for (let position = from ?? settled; position < lines.length; position += 1) yield createBatch(lines, position);
    },
    settle(to) {
      settled = to;
    },
    caughtUpAtMs: () => null,
  };
}

function createBatch(lines: readonly string[], position: number): Batch {
  const payload = new TextEncoder().encode(lines[position]);
  return {
    lane: '${kebab}/0',
    from: position,
    to: position + 1,
    length: 1,
    bytes: payload.length,
    key: () => null,
    payload: () => payload,
    headers: () => [],
    position: () => position,
    arrivedAtMs: () => 0,
  };
}
`,
    'src/source.test.ts': `
import { expect, test } from '@jest/globals';
import type { Assignment } from '@penstock/pipeline';
import { open${pascal}Source } from './source.ts';

async function readAll(assignment: Assignment, from: number | null): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of assignment.batches(from)) lines.push(new TextDecoder().decode(batch.payload(0) ?? new Uint8Array()));
  return lines;
}

test('reads again what was not settled', async () => {
  for await (const assignment of open${pascal}Source(['a', 'b', 'c']).assignments(new AbortController().signal)) {
    expect(await readAll(assignment, null)).toEqual(['a', 'b', 'c']);
    assignment.settle(2, []);
    expect(await readAll(assignment, null)).toEqual(['c']);
    expect(await readAll(assignment, 1)).toEqual(['b', 'c']);
  }
});
`,
  };
}

export function sinkFiles(names: Names): Files {
  const { pascal } = names;
  return {
    'src/config.ts': config(names),
    'src/problems.ts': problems(names),
    'src/index.ts': `
export { away, badRecord } from './problems.ts';
export { ${pascal}Sink } from './sink.ts';
`,
    'src/sink.ts': `
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
`,
    'src/sink.test.ts': `
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
`,
  };
}
