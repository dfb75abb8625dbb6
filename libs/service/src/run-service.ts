import { Problem } from '@penstock/kernel';
import type { z } from 'zod';
import { factsOf } from './log.ts';
import { type OpenService, openService } from './open-service.ts';
import type { ServiceDefinition } from './service.ts';

/** How a service's process ends. */
export const exitCodes = { drained: 0, defect: 1, wrongConfig: 2, drainDeadline: 4 } as const;

/** Closing what was drained, or could not be, must not take longer than this. */
const closeMs = 5_000;

/**
 * Runs a service as this process: opens it, and at SIGTERM or SIGINT drains it and ends with code 0, or with 4 when the deadline
 * passed first. A defect drains too and ends with code 1; what the environment got wrong is one line on stderr and code 2.
 * A second signal ends the process at once.
 */
export async function runService<Schema extends z.ZodObject>(definition: ServiceDefinition<Schema>): Promise<void> {
  const end = listenForTheEnd();
  process.exit(await liveThrough(definition, end));
}

interface End {
  /** Aborts when the process is asked to end, or fails. */
  readonly signal: AbortSignal;
  fail(thrown: unknown): void;
  /** What failed, or null after a signal. */
  defect(): { readonly thrown: unknown } | null;
}

function listenForTheEnd(): End {
  const ending = new AbortController();
  let defect: { readonly thrown: unknown } | null = null;
  const fail = (thrown: unknown): void => {
    if (!ending.signal.aborted) defect = { thrown };
    ending.abort();
  };
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => (ending.signal.aborted ? process.exit(exitCodes.drainDeadline) : ending.abort()));
  }
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  return { signal: ending.signal, fail, defect: () => defect };
}

async function liveThrough<Schema extends z.ZodObject>(definition: ServiceDefinition<Schema>, end: End): Promise<number> {
  const ended = new Promise<null>((resolve) => end.signal.addEventListener('abort', () => resolve(null), { once: true }));
  const opening = openService(definition, { env: process.env, failed: end.fail, ending: end.signal });
  try {
    const service = await Promise.race([opening, ended.then(() => within(opening))]);
    if (service === null) return endedEarly(definition.name, end);
    await ended;
    return await finish(service, end);
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.remedy === 'stop') {
      console.error(`${definition.name}: ${thrown.message}`);
      return exitCodes.wrongConfig;
    }
    end.fail(thrown);
    return endedEarly(definition.name, end);
  }
}

/** Asked to end while it opens: whatever opens in time is closed in order, the rest is nobody's loss. */
async function within(opening: Promise<OpenService>): Promise<OpenService | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, closeMs, null);
  return Promise.race([opening.catch(() => null), late]).finally(() => clearTimeout(timer));
}

async function finish(service: OpenService, end: End): Promise<number> {
  const defect = end.defect();
  if (defect !== null) service.log('service.defect', factsOf(defect.thrown));
  const settled = await service.drain().catch((thrown: unknown) => {
    service.log('service.defect', factsOf(thrown));
    return null;
  });
  const code = defect !== null || settled === null ? exitCodes.defect : settled ? exitCodes.drained : exitCodes.drainDeadline;
  service.log('service.ended', { code });
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, closeMs);
  await Promise.race([service[Symbol.asyncDispose](), late]);
  clearTimeout(timer);
  return code;
}

/** Ended before its doors were open: by a signal, which is in order, or by a defect. */
function endedEarly(name: string, end: End): number {
  const defect = end.defect();
  if (defect === null) return exitCodes.drained;
  console.error(JSON.stringify({ event: 'service.defect', service: name, ...factsOf(defect.thrown) }));
  return exitCodes.defect;
}
