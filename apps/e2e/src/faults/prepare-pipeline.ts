import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { models, pipelines } from '@penstock/contracts';
import { checkDocument, readDocument } from '@penstock/document';
import { createRandom } from '@penstock/kernel';
import { createGrpcClient } from '@penstock/service';
import { parseTreeParams, toOnnx, trainTrees } from '@penstock/training';
import { parseDocument } from 'yaml';
import { roomsFile } from '../rooms-document.ts';

export const occupancy = { model: 'occupancy', alias: 'production' } as const;
const inputs = ['co2Mean', 'temperatureMean', 'humidityMean', 'lightMean'];
const deadlineMs = 60_000;

/** Stages that take out what was delivered twice. */
const deduping = ['archive', 'preprocess'];

/**
 * Applies the sample document, but that trainings start by no other cause than being asked for, and last some seconds.
 * Unprotected, nothing takes out what was delivered twice.
 */
export async function applySampleTo(gateway: string, { unprotected }: { readonly unprotected: boolean }): Promise<void> {
  const yaml = parseDocument(readFileSync(roomsFile, 'utf8'));
  yaml.setIn(['retrain', 'when'], [{ drift: { calibrated: true } }]);
  yaml.setIn(['retrain', 'trainer', 'params'], { treesMax: 1_500 });
  // `dedupe` is the first of their transforms.
  if (unprotected) for (const stage of deduping) yaml.deleteIn(['stages', stage, 'via', 0]);
  const text = String(yaml);
  const file = 'rooms.yaml';
  const files = new Map<string, string>();
  const readFile = (path: string): string | null => {
    const at = resolve(dirname(roomsFile), path);
    if (!existsSync(at)) return null;
    files.set(path, readFileSync(at, 'utf8'));
    return files.get(path) ?? null;
  };
  checkDocument(readDocument(text, { file }), { readFile });
  using client = createGrpcClient(pipelines.PipelinesServiceClient, gateway);
  await client.apply({ document: { text, file, files } }, { deadlineMs });
}

/** Brings along a small model, so that predictions flow from the first window on. */
export async function promoteSmallModel(modelServer: string): Promise<void> {
  using client = createGrpcClient(models.ModelsServiceClient, modelServer, { deadlineMs });
  const registration = models.Registration.fromPartial({
    model: occupancy.model,
    inputs: inputs.map((name) => ({ name, type: 'number' })),
    trainer: 'gradient-boosted-trees',
    trigger: { kind: 'api', detail: 'brought along' },
  });
  const chunk = Buffer.from(await trainSmall());
  async function* parts(): AsyncGenerator<models.RegisterModelRequest> {
    yield { part: { $case: 'registration', value: registration } };
    yield { part: { $case: 'chunk', value: chunk } };
  }
  const { version } = await client.registerModel(parts());
  const to = { $case: 'version' as const, value: version?.version ?? 0 };
  await client.moveAlias(models.MoveAliasRequest.fromPartial({ ...occupancy, to, reason: 'the first one' }));
}

/** Somebody is there where there is much CO₂. */
async function trainSmall(): Promise<Uint8Array> {
  const random = createRandom(1);
  const columns = inputs.map(() => Float64Array.from({ length: 200 }, () => random() * 1_000));
  const labels = (columns[0] as Float64Array).map((co2Ppm) => (co2Ppm > 600 ? 1 : 0));
  const forest = await trainTrees({ columns, labels }, { params: parseTreeParams({ treesMax: 3, leafRowsMin: 10 }), seed: 1 });
  return toOnnx(forest, inputs);
}
