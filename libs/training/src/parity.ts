import type { Tensor } from 'onnxruntime-node';
import { type TrainingSet, toMatrix } from './dataset.ts';
import { type Forest, predictTrees } from './forest.ts';

export interface Parity {
  readonly rows: number;
  /** The largest difference between a score of the trainer and one of ONNX Runtime. */
  readonly differenceMax: number;
  /** Rows that the two label differently. */
  readonly labelsDiffering: number;
}

/**
 * What the exported bytes answer in ONNX Runtime, against what the trainer meant. Float32 sums differ in the seventh digit; a
 * larger difference is another model. Blocks the thread: for the process that trains, and ONNX Runtime is loaded by it alone.
 */
export async function measureParity(forest: Forest, bytes: Uint8Array, columns: TrainingSet['columns']): Promise<Parity> {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const matrix = toMatrix(columns);
  const rows = matrix.length / forest.inputs;
  const expected = predictTrees(forest, matrix);
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    const features = new Tensor('float32', matrix, [rows, forest.inputs]);
    const { label, probabilities, value } = await session.run({ features });
    const scores = forest.objective === 'binary' ? positives(probabilities) : (value?.data as Float32Array);
    const labels = forest.objective === 'binary' ? Float64Array.from(label?.data as BigInt64Array, Number) : expected.labels;
    return {
      rows,
      differenceMax: scores.reduce((most, score, row) => Math.max(most, Math.abs(score - (expected.scores[row] as number))), 0),
      labelsDiffering: labels.filter((answered, row) => answered !== expected.labels[row]).length,
    };
  } finally {
    await session.release();
  }
}

/** The second of the two columns. */
function positives(probabilities: Tensor | undefined): Float32Array {
  const both = probabilities?.data as Float32Array;
  return both.filter((_, index) => index % 2 === 1);
}
