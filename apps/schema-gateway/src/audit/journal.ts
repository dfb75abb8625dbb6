import { type Clock, messageOf } from '@penstock/kernel';
import type { Log } from '@penstock/service';
import type { Caller } from '../access/caller.ts';
import { TokenBuckets } from '../access/token-buckets.ts';
import type { GatewayLog } from '../log/gateway-log.ts';
import type { LogRecord } from '../log/records.ts';
import { auditRecord } from './audit-record.ts';

export interface JournalOptions {
  readonly log: Pick<GatewayLog, 'change'>;
  readonly clock: Clock;
  readonly tell: Log;
  /** Aborts when the gateway ends. */
  readonly signal: AbortSignal;
}

export interface Attempt {
  readonly caller: Caller;
  readonly action: string;
  readonly subject: string;
  readonly reason: string | null;
}

const perPeer = { perSecond: 0.2, burst: 5 };
const storeMsMax = 30_000;
/** Each time it takes a turn at writing, which other gateways may want. */
const pauseMs = 2_000;
const waitingMax = 100;

/** What no change of ours tells: what was asked in vain, and what another registry was told to do. */
export class Journal {
  readonly #log: Pick<GatewayLog, 'change'>;
  readonly #clock: Clock;
  readonly #tell: Log;
  readonly #signal: AbortSignal;
  readonly #buckets: TokenBuckets;
  readonly #waiting: LogRecord[] = [];
  #isKeeping = false;

  constructor({ log, clock, tell, signal }: JournalOptions) {
    this.#signal = signal;
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
    if (this.#waiting.length >= waitingMax) return;
    const what = subject === '' ? { action } : { action, subject };
    this.#waiting.push(auditRecord(what, { atMs: this.#clock.nowMs(), caller, outcome, reason }));
    if (!this.#isKeeping) void this.#store();
  }

  /** All that waits, together, and not too often. */
  async #store(): Promise<void> {
    this.#isKeeping = true;
    while (this.#waiting.length > 0) {
      const records = this.#waiting.splice(0);
      try {
        await this.#log.change(() => ({ records, answer: null }), AbortSignal.timeout(storeMsMax));
      } catch (thrown) {
        this.#tell('access.not-kept', { records: records.length, message: messageOf(thrown) });
      }
      await this.#clock.sleep(pauseMs, this.#signal);
    }
    this.#isKeeping = false;
  }
}
