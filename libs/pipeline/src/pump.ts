import { Problem } from '@penstock/kernel';
import { Backoff } from './backoff.ts';
import type { Lane } from './batch.ts';
import type { Assignment, Claim } from './ends.ts';
import { Flow } from './flow.ts';
import type { PumpOptions } from './options.ts';
import { fenced } from './problems.ts';

/**
 * Moves records from a source through a stage to a sink until the source ends or `drain` aborts and all that was taken in is
 * settled. Expected problems are waited out lane by lane; rejects with a problem whose remedy is to stop, or with a defect.
 */
export async function runPump(options: PumpOptions, drain: AbortSignal): Promise<void> {
  const lanes = new Map<Lane, Promise<void>>();
  const broken = new AbortController();
  const intake = AbortSignal.any([drain, broken.signal]);
  let failure: { readonly thrown: unknown } | null = null;
  const fail = (thrown: unknown): void => {
    failure ??= { thrown };
    broken.abort();
  };
  const assign = (assignment: Assignment): void => {
    const earlier = lanes.get(assignment.lane) ?? Promise.resolve(); // a lane that comes back waits until its last run has let go
    lanes.set(assignment.lane, earlier.then(() => runLane(options, assignment, intake)).catch(fail));
  };
  await persist(options, { lane: '*', stopped: intake }, async () => {
    for await (const assignment of options.source.assignments(intake)) assign(assignment);
  }).catch(fail);
  await Promise.all(lanes.values());
  if (failure !== null) throw (failure as { readonly thrown: unknown }).thrown;
}

async function runLane(options: PumpOptions, assignment: Assignment, drain: AbortSignal): Promise<void> {
  const stopped = AbortSignal.any([assignment.revoked, drain]);
  await persist(options, { lane: assignment.lane, stopped }, () => flowOnce(options, assignment, drain));
  options.events?.released?.(assignment.lane);
}

/** The one place where anything is tried again: runs until it succeeds or is stopped, waiting after each expected problem. */
async function persist(options: PumpOptions, at: { lane: Lane; stopped: AbortSignal }, run: () => Promise<void>): Promise<void> {
  const { clock, events, limits } = options;
  const backoff = new Backoff(limits.backoff, options.random);
  while (!at.stopped.aborted) {
    try {
      return await run();
    } catch (thrown) {
      if (at.stopped.aborted && isAbort(thrown)) return;
      if (!(thrown instanceof Problem) || thrown.remedy !== 'retry') throw thrown;
      if (at.stopped.aborted) return;
      const waitMs = fenced.caused(thrown) ? limits.fencedMs : backoff.afterFailure(clock.nowMs());
      events?.waiting?.(at.lane, thrown, waitMs);
      await clock.sleep(waitMs, at.stopped);
    }
  }
}

function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError';
}

async function flowOnce(options: PumpOptions, assignment: Assignment, drain: AbortSignal): Promise<void> {
  const { lane, revoked } = assignment;
  const claim = await options.sink.claim(lane, AbortSignal.any([revoked, drain]));
  try {
    using task = await options.stage.open(lane, claim.restore());
    options.events?.claimed?.(lane, claim.position);
    await new Flow({ options, assignment, claim, task, drain }).run();
  } finally {
    await letGo(claim);
  }
}

/** A claim that cannot be closed cleanly is left to the fence of the next one. */
async function letGo(claim: Claim): Promise<void> {
  try {
    await claim[Symbol.asyncDispose]();
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
  }
}
