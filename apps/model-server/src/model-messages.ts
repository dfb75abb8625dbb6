import type { AliasMove, ModelInput, ModelVersion, TrainingManifest } from '@penstock/catalogue';
import { models as api } from '@penstock/contracts';
import type { Problem } from '@penstock/kernel';
import { type ServedModels, unknownModel } from '@penstock/models';

const states = {
  stored: api.VersionState.STORED,
  loading: api.VersionState.LOADING,
  ready: api.VersionState.READY,
  refused: api.VersionState.REFUSED,
} as const;

/** All that is known of a model, as it goes over the wire. */
export function modelMessage(models: ServedModels, model: string): api.Model {
  const { catalogue } = models;
  const versions = catalogue.versions(model);
  if (versions.length === 0) throw unknownModel(`there is no model ${model}`, { facts: { model } });
  return {
    model,
    versions: versions.map((entry) => versionMessage(models, entry)),
    aliases: aliasMessages(models, model),
    moves: catalogue.moves(model).map(moveMessage),
  };
}

export function summaryMessage(models: ServedModels, model: string): api.ModelSummary {
  const newestVersion = models.catalogue.versions(model).at(-1)?.version ?? 0;
  return { model, newestVersion, aliases: aliasMessages(models, model) };
}

function aliasMessages(models: ServedModels, model: string): api.Alias[] {
  return models.catalogue.aliases(model).map(({ alias, version }) => {
    const served = models.alias(model, alias);
    const serving = served?.serving?.entry.version ?? 0;
    return { alias, version, serving, problem: serving === version ? undefined : problemMessage(served?.problem ?? null) };
  });
}

export function moveMessage({ id, alias, from, to, reason, by, atMs }: AliasMove): api.AliasMove {
  return { id, alias, from: from ?? 0, to, reason, by, atMs: BigInt(Math.round(atMs)) };
}

export function versionMessage(models: ServedModels, entry: ModelVersion): api.Version {
  const shelved = models.stateOf(entry);
  return {
    version: entry.version,
    state: states[shelved.state],
    problem: problemMessage(shelved.state === 'refused' ? shelved.problem : null),
    sha256: entry.sha256,
    bytes: BigInt(entry.bytes),
    inputs: entry.inputs.map(({ name, type, unit }) => ({ name, type, unit: unit ?? '' })),
    trainer: entry.trainer,
    params: new Map(Object.entries(entry.params).map(([name, value]) => [name, JSON.stringify(value)])),
    seed: BigInt(entry.seed),
    dataset: entry.manifest.parts.length === 0 ? undefined : datasetMessage(entry.manifest),
    metrics: new Map(Object.entries(entry.metrics)),
    run: entry.run ?? '',
    trigger: entry.trigger,
    createdAtMs: BigInt(Math.round(entry.createdAtMs)),
  };
}

function datasetMessage(manifest: TrainingManifest): api.Dataset {
  const { parts, rows, trainedUntilMs, rowsSha256, pipeline, pipelineVersion } = manifest;
  return {
    parts: parts.map((part) => ({ ...part, from: BigInt(part.from), to: BigInt(part.to), records: BigInt(part.records) })),
    rows: BigInt(rows),
    trainedUntilMs: BigInt(Math.round(trainedUntilMs)),
    rowsSha256,
    pipeline,
    pipelineVersion,
  };
}

function problemMessage(problem: Problem | null): api.ModelProblem | undefined {
  return problem === null ? undefined : { code: problem.code, message: problem.message };
}

export type RegistrationEntry = Omit<ModelVersion, 'version' | 'sha256' | 'bytes'>;

/** A model that was brought along was trained from nothing that this platform knows. */
const noDataset: TrainingManifest = {
  parts: [],
  rows: 0,
  trainedUntilMs: 0,
  rowsSha256: '0'.repeat(64),
  pipeline: '',
  pipelineVersion: '',
};

/** What a caller says of a version, as the catalogue keeps it; the catalogue checks it. */
export function entryOf(registration: api.Registration, nowMs: number): RegistrationEntry {
  const { model, inputs, trainer, params, seed, dataset, metrics, run, trigger } = registration;
  return {
    model,
    inputs: inputs.map(({ name, type, unit }) => ({ name, type: type as ModelInput['type'], ...(unit === '' ? {} : { unit }) })),
    trainer,
    params: Object.fromEntries([...params].map(([name, value]) => [name, parameterOf(value)])),
    seed: Number(seed),
    manifest: dataset === undefined ? noDataset : manifestOf(dataset),
    metrics: Object.fromEntries(metrics),
    ...(run === '' ? {} : { run }),
    trigger: trigger ?? { kind: 'api', detail: '' },
    createdAtMs: nowMs,
  };
}

function manifestOf(dataset: api.Dataset): TrainingManifest {
  const { parts, rows, trainedUntilMs, rowsSha256, pipeline, pipelineVersion } = dataset;
  return {
    parts: parts.map((part) => ({ ...part, from: Number(part.from), to: Number(part.to), records: Number(part.records) })),
    rows: Number(rows),
    trainedUntilMs: Number(trainedUntilMs),
    rowsSha256,
    pipeline,
    pipelineVersion,
  };
}

function parameterOf(value: string): string | number | boolean {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'number' || typeof parsed === 'boolean' || typeof parsed === 'string' ? parsed : value;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return value;
    throw thrown;
  }
}
