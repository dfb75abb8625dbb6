import { z } from 'zod';
import { trigger } from './training-entries.ts';

/** One input of a model. A bare tensor has no names; registering a model demands them. */
export const modelInput = z.strictObject({
  name: z.string().min(1),
  type: z.enum(['number', 'integer', 'boolean']),
  unit: z.string().optional(),
});

/** One partition's part of a dataset: what was really read, not what offset arithmetic promises. */
export const datasetPart = z.strictObject({
  topic: z.string(),
  partition: z.int().min(0),
  from: z.int().min(0),
  to: z.int().min(0),
  records: z.int().min(0),
});

/** What a model was trained from; its hash names the dataset. */
export const trainingManifest = z.strictObject({
  parts: z.array(datasetPart),
  rows: z.int().min(0),
  /** Event time of the newest row, in milliseconds. */
  trainedUntilMs: z.number(),
  /** SHA-256 over the joined rows in their order. */
  rowsSha256: z.string().length(64),
  pipeline: z.string(),
  pipelineVersion: z.string(),
});

export const modelVersion = z.strictObject({
  model: z.string().min(1),
  version: z.int().min(1),
  sha256: z.string().length(64),
  bytes: z.int().min(1),
  inputs: z.array(modelInput).min(1),
  trainer: z.string(),
  params: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  seed: z.int(),
  manifest: trainingManifest,
  metrics: z.record(z.string(), z.number()),
  /** The training run that it came from; absent for a model that was brought along. */
  run: z.string().optional(),
  trigger,
  createdAtMs: z.number(),
});

export const alias = z.strictObject({ model: z.string(), alias: z.string(), version: z.int().min(1) });

/** One move of an alias. Moves are never overwritten: history survives compaction. */
export const aliasMove = z.strictObject({
  id: z.string().min(1),
  model: z.string(),
  alias: z.string(),
  from: z.int().min(1).nullable(),
  to: z.int().min(1),
  reason: z.string(),
  by: z.string(),
  atMs: z.number(),
});

export type ModelInput = z.infer<typeof modelInput>;
export type DatasetPart = z.infer<typeof datasetPart>;
export type TrainingManifest = z.infer<typeof trainingManifest>;
export type ModelVersion = z.infer<typeof modelVersion>;
export type Alias = z.infer<typeof alias>;
export type AliasMove = z.infer<typeof aliasMove>;
