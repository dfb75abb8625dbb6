import type { FlowJob } from 'bullmq';
import { jobIdOf, type RunOrder, type StepName, steps } from './run-order.ts';

/** Training has a queue of its own, so that a few at a time do not hold up what is quick. */
export const queueNames = { steps: 'retrain', training: 'retrain-training' } as const;

export function queueOf(step: StepName): keyof typeof queueNames {
  return step === 'train' ? 'training' : 'steps';
}

export function isStep(name: string): name is StepName {
  return (steps as readonly string[]).includes(name);
}

/** Tries of one step in an outage; with waits of up to ten seconds that is half an hour. */
const attempts = 200;
const keep = { age: 7 * 86_400, count: 500 };
/** How long jobs that have ended are kept, and how many. */
export const kept = { removeOnComplete: keep, removeOnFail: keep };

/** A chain of jobs: BullMQ starts with the innermost child. What fails for good fails all that wait for it. */
export function flowOf(order: RunOrder, prefix: string): FlowJob {
  const options = {
    attempts,
    backoff: { type: 'custom' },
    ...kept,
    failParentOnFailure: true,
  };
  const job = (step: StepName, children: FlowJob[]): FlowJob => ({
    name: step,
    queueName: queueNames[queueOf(step)],
    prefix,
    data: order,
    opts: { ...options, jobId: jobIdOf(step, order.id) },
    ...(children.length === 0 ? {} : { children }),
  });
  return steps.reduce<FlowJob[]>((children, step) => [job(step, children)], [])[0] as FlowJob;
}
