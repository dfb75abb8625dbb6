import type { DriftAlarm, Trigger } from '@penstock/catalogue';
import type { RetrainPlan } from '@penstock/document';
import type { Metrics } from '../training/metrics.ts';

/** What is known about a model when it is asked whether it should be trained anew. */
export interface Knowledge {
  /** The version in service; null: none yet. */
  readonly version: number | null;
  /** Event time up to which rows were read by the last training, whatever became of it. */
  readonly trainedUntilMs: number;
  /** Labels that speak of later times. */
  readonly newLabels: number;
  /** The alarm that stands for the version in service. */
  readonly alarm: DriftAlarm | null;
  /** The newest whole day on which both classes occurred, by the labels that are there. */
  readonly lastDay: { readonly day: string; readonly metrics: Metrics } | null;
}

/** A run that should be there. Its id follows from its cause: one cause, one run, however often it is asked for. */
export interface WantedRun {
  readonly id: string;
  readonly trigger: Trigger;
}

/** Without new labels there is nothing to learn from. */
const newLabelsMin = 100;

/** The runs that the document's triggers want by now, the weightiest first. */
export function wantedRuns({ model, when }: Pick<RetrainPlan, 'model' | 'when'>, known: Knowledge): WantedRun[] {
  const { version, alarm, lastDay, newLabels, trainedUntilMs } = known;
  const wanted: WantedRun[] = [];
  if (newLabels < newLabelsMin && !when.some((one) => one.kind === 'newRows' && one.rows <= newLabels)) return wanted;
  const want = (kind: string, cause: string, detail: string): void =>
    void wanted.push({ id: `${model}-${kind}-v${version ?? 0}-${cause}`, trigger: { kind, detail } });
  for (const one of when) if (one.kind === 'drift' && alarm !== null) want('drift', alarm.lastDay, alarm.reason);
  for (const one of when) {
    const reached = one.kind === 'metric' ? lastDay?.metrics[one.metric] : undefined;
    if (one.kind === 'metric' && lastDay !== null && reached !== undefined && reached < one.below)
      want('metric', lastDay.day, `${lastDay.day}: ${one.metric} ${reached.toFixed(4)}, at least ${one.below} is asked for`);
  }
  for (const one of when)
    if (one.kind === 'newRows' && newLabels >= one.rows)
      want('newRows', String(trainedUntilMs), `${newLabels} labels since the last training, ${one.rows} are asked for`);
  return wanted;
}
