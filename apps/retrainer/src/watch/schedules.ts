import type { RetrainPlan } from '@penstock/document';
import { type Facts, Problem } from '@penstock/kernel';
import type { RunQueue, Schedule } from '../runs/run-queue.ts';
import type { Runs, TrainingPlan } from '../runs/runs.ts';

export interface SchedulesParts {
  readonly queue: RunQueue;
  readonly runs: Runs;
  /** Null: no applied document trains it any more. */
  trainingOf(model: string): TrainingPlan | null;
  log(event: string, facts: Facts): void;
}

/** The times at which documents want a training. BullMQ keeps them, so that one process of many is woken. */
export class Schedules {
  readonly #parts: SchedulesParts;

  constructor(parts: SchedulesParts) {
    this.#parts = parts;
  }

  /** Makes the schedules those of the plans; those of plans that are gone go. */
  async follow(plans: readonly RetrainPlan[]): Promise<void> {
    const { queue } = this.#parts;
    const wanted = new Map(plans.flatMap((plan) => schedulesOf(plan).map((schedule) => [nameOf(schedule), schedule] as const)));
    for (const [name, schedule] of wanted) await queue.schedule(name, schedule);
    for (const name of await queue.scheduled()) if (!wanted.has(name)) await queue.unschedule(name);
  }

  /** Starts the run of this time, unless the model has another one. */
  async due(schedule: Schedule, atMs: number): Promise<void> {
    const { runs, trainingOf, log } = this.#parts;
    const training = trainingOf(schedule.model);
    if (training === null) return;
    try {
      const trigger = { kind: 'schedule', detail: schedule.cron };
      await runs.start(training, trigger, `${schedule.model}-schedule-${atMs}`);
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.remedy === 'retry') throw thrown;
      log('retrain.skipped', { model: schedule.model, code: thrown.code, message: thrown.message });
    }
  }
}

function schedulesOf({ pipeline, model, when }: RetrainPlan): Schedule[] {
  return when.flatMap((one) => (one.kind === 'schedule' ? [{ pipeline, model, cron: one.cron }] : []));
}

function nameOf({ pipeline, model, cron }: Schedule): string {
  return `${pipeline}/${model}/${cron}`;
}
