import type { ModelVersion } from '@penstock/catalogue';
import { keepNewestFiles, writeDataset } from '../data/dataset-file.ts';
import { readDataset } from '../data/read-dataset.ts';
import { readVersionReference } from '../drift/version-reference.ts';
import { writeReference } from '../training/train.ts';
import type { RunOrder, Snapshot } from './run-order.ts';
import type { StepContext } from './step-context.ts';

const datasetsMax = 10;
const modelsMax = 100;

/** Reads the ranges of the order back from Kafka and keeps the joined rows in a file that goes by their hash. */
export async function takeSnapshot(order: RunOrder, context: StepContext): Promise<Snapshot> {
  const { folders, models } = context;
  context.tell(`reading ${order.ranges.reduce((sum, { from, to }) => sum + to - from, 0)} records`);
  const { dataset, parts, refused, resume } = await readDataset(order.dataset, order.ranges, context);
  await writeDataset(folders.datasets, dataset);
  await Promise.all([
    keepNewestFiles(folders.datasets, datasetsMax),
    keepNewestFiles(folders.models, modelsMax),
    keepNewestFiles(folders.references, modelsMax),
  ]);
  await models.sync();
  const champion = models.catalogue.resolve(order.model, order.alias);
  return {
    manifest: {
      parts: [...parts],
      rows: dataset.rows,
      trainedUntilMs: dataset.trainedUntilMs,
      rowsSha256: dataset.sha256,
      pipeline: order.pipeline,
      pipelineVersion: order.pipelineVersion,
    },
    refused,
    unlabelled: dataset.unlabelled,
    resume,
    champion: champion === null ? null : { version: champion.version, referenceSha256: await keepReference(champion, context) },
  };
}

/** Leaves what ordinary days look like to the model in service where the training thread finds it. */
async function keepReference(champion: ModelVersion, { models, folders }: StepContext): Promise<string | null> {
  const days = readVersionReference(models.catalogue, champion)?.days ?? null;
  return days === null ? null : writeReference(folders.references, days);
}
