import { z } from 'zod';

/** Why something was trained: `api`, `newRows`, `drift`, `metric`, `schedule`, with details for people. */
export const trigger = z.strictObject({ kind: z.string(), detail: z.string() });

export const runOutcomes = ['promoted', 'refused', 'failed', 'cancelled'] as const;

/** A training run that has ended. Runs under way are jobs and stand elsewhere. */
export const trainingRun = z.strictObject({
  id: z.string().min(1),
  model: z.string().min(1),
  pipeline: z.string(),
  trigger,
  seed: z.int(),
  requestedAtMs: z.number(),
  finishedAtMs: z.number(),
  outcome: z.enum(runOutcomes),
  /** Why it ended so, in one line. */
  reason: z.string(),
  /** The version that it registered; null when it did not get that far. */
  version: z.int().min(1).nullable(),
  /** Event time of the newest row that was read, in milliseconds; null when none was. */
  trainedUntilMs: z.number().nullable(),
  /** What the new model reached on the newest rows, which it had not seen. */
  metrics: z.record(z.string(), z.number()),
  /** What the model in service reached on the same rows; empty when there was none. */
  champion: z.record(z.string(), z.number()),
  /** What costs no model at all, on the same rows: `majority.accuracy`, `threshold.balancedAccuracy` and their like. */
  baselines: z.record(z.string(), z.number()),
});

/** How far one column, the scores or the errors of a day lay from ordinary days. */
export const driftReading = z.strictObject({
  name: z.string(),
  effect: z.number(),
  /** What an effect must exceed to count. */
  limit: z.number(),
  drifted: z.boolean(),
});

/** A model that no longer fits, as it was noticed. The record is written again when the drift goes on, and when it is over. */
export const driftAlarm = z.strictObject({
  id: z.string().min(1),
  model: z.string().min(1),
  version: z.int().min(1),
  pipeline: z.string(),
  /** The first day that was out of the ordinary, such as `2015-02-16`. */
  sinceDay: z.string(),
  /** The day at whose end it was raised. */
  day: z.string(),
  /** The newest day that was out of the ordinary. */
  lastDay: z.string(),
  raisedAtMs: z.number(),
  reason: z.string(),
  readings: z.array(driftReading),
  /** The day by which it was over: days were ordinary again, or another model was promoted. Null while it goes on. */
  clearedDay: z.string().nullable(),
});

/** What ordinary days look like to one version of a model; what is in it is the business of whoever judges days. */
export const driftReference = z.strictObject({
  model: z.string().min(1),
  version: z.int().min(1),
  reference: z.record(z.string(), z.unknown()),
});

export type Trigger = z.infer<typeof trigger>;
export type TrainingRun = z.infer<typeof trainingRun>;
export type DriftReadingEntry = z.infer<typeof driftReading>;
export type DriftAlarm = z.infer<typeof driftAlarm>;
export type DriftReferenceEntry = z.infer<typeof driftReference>;
