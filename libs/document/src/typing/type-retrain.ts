import { nearestOf } from '@penstock/expressions';
import type { Field } from '@penstock/kernel';
import { predictConfig } from '@penstock/predict';
import { fingerprintOf } from '../fingerprint.ts';
import type { ParsedDocument } from '../language/document.ts';
import type { RetrainLanguage } from '../language/retrain.ts';
import type { DatasetTopic, RetrainPlan, RetrainTrigger, StagePlan } from '../pipeline-plan.ts';
import type { Complaints } from './complaints.ts';
import { type TypedTopic, targetOf } from './stage-place.ts';

export interface RetrainPlace {
  readonly document: ParsedDocument;
  readonly stages: readonly StagePlan[];
  readonly topics: ReadonlyMap<string, TypedTopic>;
  readonly complaints: Complaints;
}

/** Types the retraining; null when there is none or when complaints were made. */
export function typeRetrain(place: RetrainPlace): RetrainPlan | null {
  const { retrain, pipeline } = place.document;
  if (retrain === undefined) return null;
  const serving = servingStage(place, retrain);
  const features = datasetTopic(place, 'features', retrain.dataset.features);
  const labels = datasetTopic(place, 'labels', retrain.dataset.labels);
  const target = labels === null ? null : targetField(place, retrain, labels);
  const inputs = serving === null || features === null ? null : inputsOf(place, serving, features);
  const alias = serving?.predicts?.alias;
  if (alias === undefined || features === null || labels === null || target === null || inputs === null) return null;
  const plan = {
    pipeline,
    model: retrain.model,
    alias,
    features,
    inputs,
    labels,
    target,
    withinMs: retrain.dataset.withinMs,
    trainer: trainerOf(retrain, target),
    when: retrain.when.map(triggerOf),
    gate: retrain.gate,
  };
  return { ...plan, fingerprint: fingerprintOf(plan) };
}

function servingStage({ stages, document, complaints }: RetrainPlace, { model }: RetrainLanguage): StagePlan | null {
  const serving = stages.find(({ predicts }) => predicts?.model === model);
  if (serving !== undefined) return serving;
  const isIncomplete = stages.length < Object.keys(document.stages).length;
  if (isIncomplete) return null; // a stage that could not be typed may be the one
  const known = stages.flatMap(({ predicts }) => predicts?.model ?? []);
  const suggestion = nearestOf(model, known);
  const message = `no stage predicts with ${model}, so nobody knows its inputs`;
  complaints.add({
    path: ['retrain', 'model'],
    code: 'document.retrain',
    message,
    ...(suggestion === null ? {} : { suggestion }),
  });
  return null;
}

function datasetTopic(
  { document, topics, stages, complaints }: RetrainPlace,
  at: 'features' | 'labels',
  topic: string,
): DatasetTopic | null {
  const typed = topics.get(topic);
  if (typed !== undefined) return { ...targetOf(document, topic), schema: typed.schema, fields: typed.shape.fields };
  const isWritten = Object.values(document.stages).some(({ to }) => to.kafka?.topic === topic);
  if (isWritten && stages.length < Object.keys(document.stages).length) return null; // complained about there
  const suggestion = nearestOf(topic, topics.keys());
  complaints.add({
    path: ['retrain', 'dataset', at],
    code: 'document.retrain',
    message: `no stage writes ${topic}`,
    ...(suggestion === null ? {} : { suggestion }),
  });
  return null;
}

function targetField({ complaints }: RetrainPlace, { trainer }: RetrainLanguage, labels: DatasetTopic): Field | null {
  const path = ['retrain', 'trainer', 'target'];
  const found = labels.fields.find(({ name }) => name === trainer.target);
  if (found === undefined) {
    const known = labels.fields.map(({ name }) => name);
    const suggestion = nearestOf(trainer.target, known);
    const message = `${labels.topic} has no field ${trainer.target}; fields: ${known.join(', ')}`;
    complaints.add({ path, code: 'document.retrain', message, ...(suggestion === null ? {} : { suggestion }) });
    return null;
  }
  if (found.type === 'boolean' || found.type === 'number' || found.type === 'integer') return found;
  const message = `expected a boolean (two classes) or a number, ${found.name} is a ${found.type}`;
  complaints.add({ path, code: 'document.retrain', message });
  return null;
}

/** The inputs are those of the stage that serves the model: training and serving see the same. */
function inputsOf(
  { document, complaints }: RetrainPlace,
  serving: StagePlan,
  features: DatasetTopic,
): RetrainPlan['inputs'] | null {
  const topic = serving.from.kind === 'kafka' ? serving.from.topic : '';
  if (topic !== features.topic) {
    const message = `stage ${serving.name} asks the model about ${topic}: learn from the same`;
    complaints.add({ path: ['retrain', 'dataset', 'features'], code: 'document.retrain', message, suggestion: topic });
    return null;
  }
  const step = document.stages[serving.name]?.via.find((one) => 'predict' in one) as { predict?: unknown } | undefined;
  const { input } = predictConfig.parse(step?.predict);
  return input.flatMap((name) => {
    const field = serving.slots.find((slot) => slot.name === name);
    if (field === undefined) return [];
    const type = field.type === 'integer' ? ('integer' as const) : ('number' as const);
    return [{ name, type, ...(field.unit === undefined ? {} : { unit: field.unit }) }];
  });
}

function trainerOf({ trainer }: RetrainLanguage, target: Field): RetrainPlan['trainer'] {
  const { kind, seed, params } = trainer;
  return { kind, seed, params: { ...params, objective: target.type === 'boolean' ? 'binary' : params.objective } };
}

function triggerOf(trigger: RetrainLanguage['when'][number]): RetrainTrigger {
  if (trigger.schedule !== undefined) return { kind: 'schedule', cron: trigger.schedule };
  if (trigger.newRows !== undefined) return { kind: 'newRows', rows: trigger.newRows };
  const { accuracyBelow, balancedAccuracyBelow, aucBelow } = trigger.metric ?? {};
  if (accuracyBelow !== undefined) return { kind: 'metric', metric: 'accuracy', below: accuracyBelow };
  if (balancedAccuracyBelow !== undefined) return { kind: 'metric', metric: 'balancedAccuracy', below: balancedAccuracyBelow };
  if (aucBelow !== undefined) return { kind: 'metric', metric: 'auc', below: aucBelow };
  return { kind: 'drift' };
}
