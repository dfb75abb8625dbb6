import { type Divergence, divergenceOf, riseOf, type Sketch, sketchOf } from './divergence.ts';
import { tooFewDays } from './problems.ts';

/** What one whole day looked like to a model. Days are judged whole: hours differ, and so do workdays and weekends. */
export interface Day {
  /** `2015-02-16` */
  readonly day: string;
  /** One column for each input. */
  readonly inputs: readonly Float64Array[];
  readonly scores: Float64Array;
  /** 1 where the model was wrong and 0 where it was right, for the rows whose label is known; empty while none is. */
  readonly errors: Float64Array;
}

/** What ordinary days look like, as plain data: kept beside the model that was trained on them. */
export interface DriftReference {
  /** A day with fewer rows is not judged. */
  readonly rowsMin: number;
  readonly columns: readonly (DriftLimit & { readonly sketch: Sketch })[];
  readonly errors: DriftLimit & { readonly hits: number; readonly rows: number };
}

export interface DriftLimit {
  readonly name: string;
  /** What an effect must exceed to count as drift. */
  readonly limit: number;
}

export interface DriftReading extends Divergence, DriftLimit {
  readonly drifted: boolean;
}

export interface DayVerdict {
  readonly day: string;
  readonly rows: number;
  /** False when the day has too few rows to say anything. */
  readonly judged: boolean;
  /** A reading for each input, for `score`, and for `error` where labels are known. */
  readonly readings: readonly DriftReading[];
  /** The model no longer fits: it errs more, or its scores have moved together with an input. */
  readonly alarm: boolean;
  /** Why, in one line; empty without an alarm. */
  readonly reason: string;
}

const daysMin = 3;
const rowsAtLeast = 100;
/** Fields' rules of thumb call a PSI above 0.25 a major shift; ordinary days of weather exceed it, so it is only the floor. */
const psiMin = 0.25;
const errorRiseMin = 0.05;
/** How much further than the strangest ordinary day a day must lie. */
const margin = 1.5;
const pValueMax = 0.001;

/**
 * Learns from the days of the training period how much ordinary days differ: each is compared with all the others, and the
 * limit of each column lies beyond the strangest of them. Scores and errors must come from a model that has not seen the day
 * (`crossScore`), else it looks better than it is.
 */
export function calibrateDrift(days: readonly Day[], inputs: readonly string[]): DriftReference {
  const rowsMin = Math.max(rowsAtLeast, median(days.map(({ scores }) => scores.length)) / 2);
  const whole = days.filter(({ scores }) => scores.length >= rowsMin);
  if (whole.length < daysMin) throw tooFewDays(`${whole.length} whole days; what an ordinary day looks like takes ${daysMin}`);
  const columns = [...inputs.map((name, input) => ({ name, of: (day: Day) => day.inputs[input] as Float64Array })), score];
  return {
    rowsMin,
    columns: columns.map(({ name, of }) => ({ name, ...calibrateColumn(whole.map(of)) })),
    errors: { name: 'error', ...calibrateErrors(whole.map(({ errors }) => errors)) },
  };
}

const score = { name: 'score', of: (day: Day) => day.scores };

function calibrateColumn(days: readonly Float64Array[]): { limit: number; sketch: Sketch } {
  const effects = days.map((day) => divergenceOf(sketchOf(join(days.filter((other) => other !== day))), day).effect);
  return { limit: Math.max(psiMin, margin * Math.max(...effects)), sketch: sketchOf(join(days)) };
}

function calibrateErrors(days: readonly Float64Array[]): { limit: number; hits: number; rows: number } {
  const known = days.filter(({ length }) => length > 0);
  const all = countErrors(join(known));
  const rises = known.map((day) => {
    const others = countErrors(join(known.filter((other) => other !== day)));
    return others.rows === 0 ? 0 : riseOf(others, countErrors(day)).effect;
  });
  return { limit: Math.max(errorRiseMin, margin * Math.max(0, ...rises)), ...all };
}

/** Compares a day with the ordinary ones. An input alone may drift as weather does: that is shown and is no alarm. */
export function judgeDay(reference: DriftReference, day: Day): DayVerdict {
  const rows = day.scores.length;
  const judged = rows >= reference.rowsMin;
  const readings = judged ? readingsOf(reference, day) : [];
  const drifted = new Set(readings.filter((reading) => reading.drifted).map(({ name }) => name));
  const movedInputs = [...drifted].filter((name) => name !== 'score' && name !== 'error');
  const alarm = drifted.has('error') || (drifted.has('score') && movedInputs.length > 0);
  return { day: day.day, rows, judged, readings, alarm, reason: alarm ? reasonOf(day.day, readings) : '' };
}

function readingsOf({ columns, errors }: DriftReference, day: Day): DriftReading[] {
  const comparisons = columns.length + 1;
  const read = ({ name, limit }: DriftLimit, divergence: Divergence): DriftReading => ({
    name,
    limit,
    ...divergence,
    // Bonferroni: with many columns one of them is always odd.
    drifted: divergence.effect > limit && divergence.pValue < pValueMax / comparisons,
  });
  const values = [...day.inputs, day.scores];
  const readings = columns.map((column, index) => read(column, divergenceOf(column.sketch, values[index] as Float64Array)));
  if (day.errors.length < rowsAtLeast || errors.rows === 0) return readings;
  return [...readings, read(errors, riseOf(errors, countErrors(day.errors)))];
}

function reasonOf(day: string, readings: readonly DriftReading[]): string {
  const parts = readings.filter(({ drifted }) => drifted).map((reading) => `${reading.name} ${show(reading)}`);
  return `${day}: ${parts.join(', ')}`;
}

function show({ name, effect, limit }: DriftReading): string {
  if (name !== 'error') return `PSI ${effect.toFixed(2)} (ordinary days: up to ${(limit / margin).toFixed(2)})`;
  return `rate ${(effect * 100).toFixed(1)} points up (limit ${(limit * 100).toFixed(1)})`;
}

function countErrors(errors: Float64Array): { hits: number; rows: number } {
  return { hits: errors.reduce((sum, error) => sum + error, 0), rows: errors.length };
}

function join(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? 0;
}
