import { type Clock, type Facts, Problem } from '@penstock/kernel';

/** Says what happened: the name of an event and its facts. Never a secret. */
export type Log = (event: string, facts: Facts) => void;

export interface LogLine {
  readonly at: string;
  readonly event: string;
  readonly service: string;
  readonly facts: Facts;
}

/** Writes one JSON object a line to `write`, and hands it to `also`. */
export function createLog(
  { service, clock }: { readonly service: string; readonly clock: Clock },
  write: (line: string) => void,
  also: (line: LogLine) => void,
): Log {
  return (event, facts) => {
    const at = new Date(clock.nowMs()).toISOString();
    write(JSON.stringify({ at, event, service, ...facts }));
    also({ at, event, service, facts });
  };
}

/** What a log says of anything that was thrown: a problem by its code, a defect with its stack. */
export function factsOf(thrown: unknown): Facts {
  if (thrown instanceof Problem) return { ...thrown.facts, code: thrown.code, message: thrown.message };
  if (thrown instanceof Error) return { message: thrown.message, stack: thrown.stack ?? '' };
  return { message: String(thrown) };
}
