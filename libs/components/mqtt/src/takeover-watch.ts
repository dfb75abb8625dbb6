import type { Problem } from '@penstock/kernel';
import { connectionLost, takenOver, takeoverLoop } from './problems.ts';

const loopTakeovers = 3;
const loopMs = 120_000;
/** A broker that speaks 3.1.1 gives no reason: a connection that it closes so soon after it had accepted it may be a takeover. */
const soonMs = 10_000;

/** Notices that two clients take one session away from each other. Each reconnects at once, so it never ends by itself. */
export class TakeoverWatch {
  readonly #clientId: string;
  #endedAtMs: number[] = [];

  constructor(clientId: string) {
    this.#clientId = clientId;
  }

  /** The problem of a lost connection as it is, or, the third time within two minutes, what it means. */
  judge(problem: Problem, { livedMs, nowMs }: { livedMs: number; nowMs: number }): Problem {
    const said = takenOver.caused(problem);
    const suspected = connectionLost.caused(problem) && problem.cause === undefined && livedMs < soonMs;
    if (!said && !suspected) return problem;
    this.#endedAtMs = [...this.#endedAtMs.filter((atMs) => nowMs - atMs < loopMs), nowMs];
    if (this.#endedAtMs.length < loopTakeovers) return problem;
    const times = `${this.#endedAtMs.length} times in ${loopMs / 1_000} s`;
    const sure = said ? 'another client uses' : 'the broker closed an accepted connection: another client may be using';
    return takeoverLoop(`${problem.message}. ${times}: ${sure} the client id ${this.#clientId}; give each replica its own`, {
      facts: { takeovers: this.#endedAtMs.length },
      cause: problem,
    });
  }
}
