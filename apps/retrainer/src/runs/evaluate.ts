import type { ModelVersion } from '@penstock/catalogue';
import type { LoadedModel } from '@penstock/models';
import { evaluate, sliceRows, type TrainingSet, toMatrix } from '@penstock/training';
import { readDatasetFile, readWhole } from '../data/dataset-file.ts';
import { lostFile } from '../problems.ts';
import { type Comparison, objectionsTo } from '../training/gate.ts';
import { hasBothClasses } from '../training/holdout.ts';
import { type Metrics, metricsOf } from '../training/metrics.ts';
import type { Trained } from '../training/training-order.ts';
import type { Evaluated, Progress, RunOrder } from './run-order.ts';
import type { StepContext } from './step-context.ts';

/** Judges the new model and the one in service on the newest rows, both as they are served: in ONNX Runtime. */
export async function evaluateModel(order: RunOrder, progress: Progress, context: StepContext): Promise<Evaluated> {
  const { manifest, trained, champion } = progress;
  if (manifest === undefined || trained === undefined)
    throw lostFile(`run ${order.id}: nobody says what was trained; start it anew`);
  const dataset = await readDatasetFile(context.folders.datasets, manifest.rowsSha256);
  const newest = sliceRows(dataset, trained.cut, dataset.rows);
  context.tell(`judging by the ${newest.labels.length} newest rows`);
  await using challenger = await open(await readWhole(context.folders.models, trained.judgedSha256), newest, context);
  const metrics = await judge(challenger, newest);
  const inService = champion ? context.models.catalogue.version(order.model, champion.version) : null;
  if (inService === null || !takesSameInputs(inService, order)) return judged(order, { metrics, trained, comparison: null });
  const unseen = dataset.timesMs.findIndex((timeMs, row) => row >= trained.cut && timeMs > inService.manifest.trainedUntilMs);
  const rows = sliceRows(dataset, unseen < 0 ? dataset.rows : unseen, dataset.rows);
  const comparison = hasBothClasses(rows.labels)
    ? { challenger: await judge(challenger, rows), champion: await judgeInService(inService, rows, context), onSameRows: true }
    : { challenger: metrics, champion: inService.metrics, onSameRows: false };
  return judged(order, { metrics, trained, comparison });
}

function judged(
  { gate }: RunOrder,
  { metrics, trained, comparison }: { metrics: Metrics; trained: Trained; comparison: Comparison | null },
): Evaluated {
  const objections = objectionsTo({ challenger: metrics, comparison, parity: trained.parity }, gate);
  return { challenger: metrics, comparison, objections };
}

function open(bytes: Uint8Array, { columns }: TrainingSet, { pool }: StepContext): Promise<LoadedModel> {
  return pool.load(bytes, { inputs: columns.length });
}

async function judge(model: LoadedModel, { columns, labels }: TrainingSet): Promise<Metrics> {
  const { scores } = await model.predict(toMatrix(columns), labels.length);
  return metricsOf(evaluate(labels, scores));
}

async function judgeInService(version: ModelVersion, rows: TrainingSet, context: StepContext): Promise<Metrics> {
  await using model = await open(context.models.catalogue.bytes(version), rows, context);
  return judge(model, rows);
}

/** A model that takes other inputs, or in another order, cannot be asked about these rows. */
function takesSameInputs({ inputs }: ModelVersion, order: RunOrder): boolean {
  const wanted = order.dataset.inputs.map(({ name }) => name);
  return inputs.length === wanted.length && inputs.every(({ name }, index) => name === wanted[index]);
}
