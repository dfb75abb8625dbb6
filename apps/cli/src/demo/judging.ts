import {
  accuracyOf,
  applyRule,
  aucOf,
  balancedAccuracyOf,
  bestThreshold,
  type Confusion,
  confusionOf,
  type TrainingSet,
} from '@penstock/training';
import type { Calendar } from './calendar.ts';

/** One stored prediction. */
export interface PredictionRow {
  readonly key: string;
  readonly windowStartMs: number;
  /** The features it was made from, in the order of the model's inputs; NaN where a sensor was silent. */
  readonly features: readonly number[];
  readonly predicted: number;
  readonly score: number;
  readonly modelVersion: number;
}

export interface Label {
  readonly key: string;
  readonly observedAtMs: number;
  readonly occupied: boolean;
}

/** Event times between which predictions are judged together. */
export interface Phase {
  readonly name: 'before' | 'shifted' | 'after';
  readonly fromMs: number;
  readonly toMs: number;
}

interface Judgement {
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly confusion: Confusion;
}

export interface PhaseReport extends Judgement {
  readonly phase: Phase['name'];
  readonly from: string;
  readonly to: string;
  readonly rows: number;
  readonly auc: number | null;
  readonly modelVersions: readonly number[];
  readonly baselines: {
    /** Always what training saw more often. */
    readonly majority: Judgement;
    /** The best rule over one input, learnt from the first model's training rows. */
    readonly threshold: Judgement & { readonly input: string; readonly above: boolean; readonly threshold: number };
  };
}

const minuteMs = 60_000;

/** The phases of the story: how good the first model was, how bad it became, how good its successor is. */
export function phasesOf(calendar: Calendar, { shifted, promotedMs }: { shifted: boolean; promotedMs: number | null }): Phase[] {
  const { trainUntilMs, beforeUntilMs, shiftFromMs } = calendar;
  const before: Phase = { name: 'before', fromMs: trainUntilMs, toMs: beforeUntilMs };
  if (!shifted) return [before];
  const end = Number.MAX_SAFE_INTEGER;
  const during: Phase = { name: 'shifted', fromMs: shiftFromMs, toMs: promotedMs ?? end };
  return promotedMs === null ? [before, during] : [before, during, { name: 'after', fromMs: promotedMs, toMs: end }];
}

/** The labels by room and minute. Two pictures of one minute: somebody was there if either shows somebody. */
export function labelsByMinute(labels: Iterable<Label>): Map<string, boolean> {
  const byMinute = new Map<string, boolean>();
  for (const { key, observedAtMs, occupied } of labels) {
    const name = `${key} ${Math.floor(observedAtMs / minuteMs) * minuteMs}`;
    byMinute.set(name, occupied || byMinute.get(name) === true);
  }
  return byMinute;
}

/** Judges what was stored against what the pictures show, phase by phase. A phase without a labelled row is left out. */
export function judge(
  rows: readonly PredictionRow[],
  labels: ReadonlyMap<string, boolean>,
  { phases, trainUntilMs, inputs }: { phases: readonly Phase[]; trainUntilMs: number; inputs: readonly string[] },
): PhaseReport[] {
  const labelled = rows.flatMap((row) => {
    const label = labels.get(`${row.key} ${row.windowStartMs}`);
    return label === undefined ? [] : [{ ...row, label: label ? 1 : 0 }];
  });
  const training = setOf(labelled.filter(({ windowStartMs }) => windowStartMs < trainUntilMs));
  return phases.flatMap((phase) => {
    const own = labelled.filter(({ windowStartMs }) => windowStartMs >= phase.fromMs && windowStartMs < phase.toMs);
    return own.length === 0 ? [] : [judgePhase(phase, own, { training, inputs })];
  });
}

type LabelledRow = PredictionRow & { readonly label: number };

function judgePhase(
  phase: Phase,
  rows: readonly LabelledRow[],
  { training, inputs }: { training: TrainingSet; inputs: readonly string[] },
): PhaseReport {
  const labels = rows.map(({ label }) => label);
  const set = setOf(rows);
  const rule = bestThreshold(training);
  const usual = training.labels.reduce((sum, label) => sum + label, 0) * 2 > training.labels.length ? 1 : 0;
  return {
    phase: phase.name,
    from: new Date(rows[0]?.windowStartMs ?? 0).toISOString(),
    to: new Date(rows.at(-1)?.windowStartMs ?? 0).toISOString(),
    rows: rows.length,
    ...judgementOf(
      labels,
      rows.map(({ predicted }) => predicted),
    ),
    auc: aucOf(
      labels,
      rows.map(({ score }) => score),
    ),
    modelVersions: [...new Set(rows.map(({ modelVersion }) => modelVersion))].sort((left, right) => left - right),
    baselines: {
      majority: judgementOf(
        labels,
        labels.map(() => usual),
      ),
      threshold: {
        ...judgementOf(labels, [...applyRule(rule, set)]),
        input: inputs[rule.input] ?? '',
        above: rule.above,
        threshold: rule.threshold,
      },
    },
  };
}

function judgementOf(labels: readonly number[], predicted: readonly number[]): Judgement {
  const confusion = confusionOf(labels, predicted);
  return { accuracy: accuracyOf(confusion), balancedAccuracy: balancedAccuracyOf(confusion), confusion };
}

function setOf(rows: readonly LabelledRow[]): TrainingSet {
  const inputs = rows[0]?.features.length ?? 0;
  return {
    columns: Array.from({ length: inputs }, (_, input) =>
      Float64Array.from(rows, ({ features }) => features[input] ?? Number.NaN),
    ),
    labels: Float64Array.from(rows, ({ label }) => label),
  };
}
