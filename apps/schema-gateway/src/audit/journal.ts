import type { Clock } from '@penstock/kernel';
import type { Log } from '@penstock/service';
import type { Caller } from '../access/caller.ts';
import { TokenBuckets } from '../access/token-buckets.ts';
import type { GatewayLog } from '../log/gateway-log.ts';
import { auditRecord } from './audit-record.ts';

export interface Attempt {
  readonly caller: Caller;
  readonly action: string;
  readonly subject: string;
  readonly reason: string | null;
}

const perPeer = { perSecond: 0.2, burst: 5 };
const storeMsMax = 30_000;
const waitingMax = 100;

/** What no change of ours tells: what was asked in vain, and what another registry was told to do. */
export class Journal {
  readonly #log: Pick<GatewayLog, 'change'>;
  readonly #clock: Clock;
  readonly #tell: Log;
  readonly #buckets: TokenBuckets;
  #waiting = 0;

  constructor({ log, clock, tell }: { readonly log: Pick<GatewayLog, 'change'>; readonly clock: Clock; readonly tell: Log }) {
    this.#log = log;
    this.#clock = clock;
    this.#tell = tell;
    this.#buckets = new TokenBuckets(clock);
  }

  /** Told and kept, but no more of it than is useful, whoever knocks however often. */
  denied(attempt: Attempt): void {
    const { principal, peer, door } = attempt.caller;
    if (this.#buckets.take(`${peer} ${principal}`, perPeer) > 0) return;
    const { action, subject, reason } = attempt;
    this.#tell('access.denied', { principal, peer, door, action, subject, reason: reason ?? '' });
    this.#keep(attempt, 'denied');
  }

  /** What was done elsewhere: kept as soon as Kafka takes it. */
  done(attempt: Attempt): void {
    const { caller, action, subject } = attempt;
    this.#tell('access.done', { principal: caller.principal, peer: caller.peer, door: caller.door, action, subject });
    this.#keep(attempt, 'done');
  }

  #keep({ caller, action, subject, reason }: Attempt, outcome: 'done' | 'denied'): void {
    if (this.#waiting >= waitingMax) return;
    const what = subject === '' ? { action } : { action, subject };
    const record = auditRecord(what, { atMs: this.#clock.nowMs(), caller, outcome, reason });
    this.#waiting += 1;
    const stored = this.#log.change(() => ({ records: [record], answer: null }), AbortSignal.timeout(storeMsMax));
    const settled = (): void => void (this.#waiting -= 1);
    stored.then(settled, settled); // the line of the log stands; who asked need not wait for Kafka
  }
}
