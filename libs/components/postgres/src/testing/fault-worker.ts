import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Binding, createRandom, Rows, systemClock } from '@penstock/kernel';
import {
  type Assignment,
  type Batch,
  createFateCounts,
  type Delivery,
  factFields,
  factSlots,
  Ledger,
  pumpLimits,
  runPump,
  type Source,
  type Stage,
} from '@penstock/pipeline';
import { createPostgresEncoder } from '../encoder.ts';
import { openPostgresSink } from '../sink.ts';
import { ask } from './rooms-table.ts';

/** What a worker process of the fault tests is told, as JSON in its only argument. */
export interface WorkerOrder {
  readonly url: string;
  readonly schema: string;
  readonly lanes: readonly string[];
  readonly rowsPerLane: number;
  /** Where the source keeps its own ledger. */
  readonly folder: string;
  /** Red on purpose: the sink's ledger is forgotten at the start, so the source's counts, which is written after the rows. */
  readonly unprotected: boolean;
}

const batchRows = 20;
const fields = ['number', 'nth'].map((name) => ({ name, type: 'integer', nullable: false }) as const);
const columns: readonly Binding[] = fields.map((field, index) => ({ field, slot: factFields.length + index }));
const numberSlot = 3;
const nthSlot = 4;

function batchAt(lane: string, from: number, to: number): Batch {
  return {
    lane,
    from,
    to,
    length: to - from,
    bytes: 100 * (to - from),
    key: () => null,
    payload: () => null,
    headers: () => [],
    position: (row) => from + row,
    arrivedAtMs: () => 0,
  };
}

/** Lanes whose record at position n says n. */
function createNumberSource({ lanes, rowsPerLane, folder }: WorkerOrder): Source {
  const assign = (lane: string): Assignment => {
    const file = join(folder, lane);
    const settled = (): number => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);
    return {
      lane,
      revoked: new AbortController().signal,
      async *batches(from) {
        for (let at = from ?? settled(); at < rowsPerLane; at += batchRows) {
          await new Promise((resolve) => setImmediate(resolve));
          yield batchAt(lane, at, Math.min(rowsPerLane, at + batchRows));
        }
      },
      settle: (to) => writeFileSync(file, String(to)),
      caughtUpAtMs: () => null,
    };
  };
  return {
    async *assignments() {
      yield* lanes.map(assign);
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** Forwards each record with its number in the lane, which is state: lost or doubled state shows in the row. */
function createNumberingStage(): Stage {
  const encoder = createPostgresEncoder(columns);
  return {
    name: 'archive',
    async open(lane, restored) {
      let nth = 0;
      for await (const { value } of restored) nth = Number(Buffer.from(value ?? []).toString());
      const rows = new Rows([...factFields, ...fields]);
      const process = ({ from, to, length }: Batch): Delivery => {
        rows.reset(length);
        const outputs = Array.from({ length }, (_, row) => {
          const id = `${lane}/${from + row}`;
          nth += 1;
          rows.values(factSlots.id)[row] = id;
          rows.numbers(factSlots.timeMs)[row] = from + row;
          rows.numbers(numberSlot)[row] = from + row;
          rows.numbers(nthSlot)[row] = nth;
          return { id, route: 'main', key: null, payload: encoder.encode(rows, row), headers: [], eventTimeMs: 0, cause: row };
        });
        const changes = [{ store: 'nth', key: Buffer.from('nth'), value: Buffer.from(String(nth)) }];
        return { lane, from, to, outputs, changes, fates: createFateCounts({ forwarded: length }), refusals: [] };
      };
      return { process, tick: () => null, [Symbol.dispose]: () => undefined };
    },
  };
}

async function pump(order: WorkerOrder): Promise<void> {
  const { url, schema } = order;
  if (order.unprotected) await ask(url, `drop table if exists ${schema}.penstock_ledger`);
  const settings = { url, schema, table: 'numbers', mode: 'append', connectTimeoutMs: 1_000, statementTimeoutMs: 1_000 } as const;
  await using sink = openPostgresSink(settings, { pipeline: 'fault', stage: 'archive', columns });
  const options = {
    source: createNumberSource(order),
    sink,
    stage: createNumberingStage(),
    dead: null,
    origin: { pipeline: 'fault', stage: 'archive' },
    clock: systemClock,
    random: createRandom(1),
    limits: { ...pumpLimits, backoff: { firstMs: 50, maxMs: 500, stableMs: 10_000 }, fencedMs: 500 },
    ledger: new Ledger(),
    events: {
      settled: ({ lane, to }: Delivery) => console.log(`settled ${lane} ${to}`),
      waiting: (lane: string, problem: Error) => console.log(`waiting ${lane} ${problem.message}`),
    },
  };
  await runPump(options, new AbortController().signal);
}

await pump(JSON.parse(process.argv[2] as string) as WorkerOrder);
