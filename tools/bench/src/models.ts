import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createRandom } from '@penstock/kernel';
import { type LoadedModel, openModelPool } from '@penstock/models';
import { parseTreeParams, toOnnx, trainTrees } from '@penstock/training';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type Bench, beside, compete, report, summarise } from './figures.ts';

const inputs = ['a', 'b', 'c', 'd'];
const runMs = 1_000;
const batchRows = 256;
const callers = 64;

/** A pool of one thread beside bare ONNX Runtime with the same model of 100 trees with 31 leaves, and what the caller's own thread suffers. */
export const benchModels: Bench = async (options) => {
  const bytes = await trainModel();
  await using pool = openModelPool({ workers: 1 });
  await using model = await pool.load(bytes, { inputs: inputs.length });
  const bare = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 4 });
  const delays: Record<string, number[]> = { pool: [], bare: [] };
  const rates = await compete(
    {
      'pool, batches': () => withDelay(delays['pool'], () => ask(model, batchRows, 4)),
      'bare, batches': () => withDelay(delays['bare'], () => run(bare, batchRows)),
      'pool, callers': () => ask(model, 1, callers),
      'bare, single rows': () => run(bare, 1),
    },
    options,
  );
  await bare.release();
  const rate = (name: string, key: string) => summarise(name, 'rows/s', rates[key] as number[]);
  const delay = (name: string) => summarise(`${name}, event loop delay p99`, 'ms', (delays[name] as number[]).slice(1));
  return report('models', [
    beside(rate(`pool, batches of ${batchRows}`, 'pool, batches'), rate(`bare, batches of ${batchRows}`, 'bare, batches'), 0.7),
    beside(rate(`pool, ${callers} callers of one row`, 'pool, callers'), rate('bare, one row a run', 'bare, single rows'), 1),
    beside(delay('pool'), delay('bare')),
  ]);
};

async function trainModel(): Promise<Uint8Array> {
  const random = createRandom(1);
  const columns = inputs.map(() => Float64Array.from({ length: 10_000 }, random));
  const [first, second] = columns as [Float64Array, Float64Array];
  const labels = first.map((value, row) => (value + Math.sin(9 * (second[row] as number)) + random() > 1 ? 1 : 0));
  const params = parseTreeParams({ treesMax: 100, leavesMax: 31, leafRowsMin: 20 });
  return toOnnx(await trainTrees({ columns, labels }, { params, seed: 1 }), inputs);
}

function drawRows(rows: number): Float32Array {
  return Float32Array.from({ length: rows * inputs.length }, createRandom(2));
}

/** Rows a second of callers who each wait for their answer. */
async function ask(model: LoadedModel, rows: number, together: number): Promise<number> {
  const features = drawRows(rows);
  const startedMs = performance.now();
  let answered = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() - startedMs < runMs) {
      await model.predict(features, rows);
      answered += rows;
    }
  };
  await Promise.all(Array.from({ length: together }, caller));
  return (answered / (performance.now() - startedMs)) * 1_000;
}

async function run(session: InferenceSession, rows: number): Promise<number> {
  const features = drawRows(rows);
  const startedMs = performance.now();
  let answered = 0;
  while (performance.now() - startedMs < runMs) {
    await session.run({ features: new Tensor('float32', features, [rows, inputs.length]) });
    answered += rows;
  }
  return (answered / (performance.now() - startedMs)) * 1_000;
}

async function withDelay(into: number[] = [], measured: () => Promise<number>): Promise<number> {
  const monitor = monitorEventLoopDelay({ resolution: 1 });
  monitor.enable();
  const rate = await measured();
  monitor.disable();
  into.push(monitor.percentile(99) / 1e6);
  return rate;
}
