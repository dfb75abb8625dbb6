import type { ModelVersion } from '@penstock/catalogue';
import { createRandom } from '@penstock/kernel';
import { type Forest, parseTreeParams, toOnnx, trainTrees } from '@penstock/training';

export const inputNames = ['co2Ppm', 'lightLux'] as const;

/** A small model that was really trained: class 1 where there is much CO₂. Another seed makes another model. */
export async function createForest(seed: number): Promise<Forest> {
  const random = createRandom(seed);
  const columns = inputNames.map(() => Float64Array.from({ length: 400 }, () => random() * 1000));
  const labels = (columns[0] as Float64Array).map((value) => (value + random() * 300 > 650 ? 1 : 0));
  return trainTrees({ columns, labels }, { params: parseTreeParams({ treesMax: 5, leafRowsMin: 20 }), seed });
}

export async function createModelBytes(seed: number): Promise<Uint8Array> {
  return toOnnx(await createForest(seed), inputNames);
}

/** What the catalogue is told of such a model. */
export function entryFor(model: string): Omit<ModelVersion, 'version' | 'sha256' | 'bytes'> {
  return {
    model,
    inputs: inputNames.map((name) => ({ name, type: 'number' })),
    trainer: 'gradient-boosted-trees',
    params: { treesMax: 5 },
    seed: 1,
    manifest: { parts: [], rows: 400, trainedUntilMs: 0, rowsSha256: '0'.repeat(64), pipeline: '', pipelineVersion: '' },
    metrics: { auc: 0.9 },
    trigger: { kind: 'api', detail: '' },
    createdAtMs: 1,
  };
}
