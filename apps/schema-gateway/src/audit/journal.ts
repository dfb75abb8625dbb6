import { type Clock, messageOf } from '@penstock/kernel';
import type { Log } from '@penstock/service';
import type { Caller } from '../access/caller.ts';
import { TokenBuckets } from '../access/token-buckets.ts';
import type { GatewayLog } from '../log/gateway-log.ts';
import type { LogRecord } from '../log/records.ts';
import { type AuditRecord, auditRecord } from './audit-record.ts';

export interface JournalOptions {
  readonly log: Pick<GatewayLog, 'change'>;
  readonly clock: Clock;
  readonly tell: Log;
  /** Aborts when the gateway ends. */
  readonly signal: AbortSignal;
}

export interface Attempt {
  /** Null: the gateway by itself. */
  readonly caller: Caller | null;
  readonly action: string;
  readonly subject: string;
  readonly reason: string | null;
}

const perPeer = { perSecond: 0.2, burst: 5 };
const storeMsMax = 30_000;
/** Each time it takes a turn at writing, which other gateways may want. */
const pauseMs = 2_000;
const waitingMax = 100;
/** How long an answer waits for the record of what it answers. */
const answerMsMax = 2_000;
const unstoredMax = 10_000;

/** What no change of ours tells: what was asked in vain, and what another registry was told to do. */
export class Journal {
  readonly #log: Pick<GatewayLog, 'change'>;
  readonly #clock: Clock;
  readonly #tell: Log;
  readonly #signal: AbortSignal;
  readonly #buckets: TokenBuckets;
  readonly #waiting: LogRecord[] = [];
  #isKeeping = false;
  #unstored = 0;

  constructor({ log, clock, tell, signal }: JournalOptions) {
    this.#signal = signal;
    this.#log = log;
    this.#clock = clock;
    this.#tell = tell;
    this.#buckets = new TokenBuckets(clock);
  }

  /** Somebody who may not. Told and kept, but no more of it than is useful, whoever knocks however often. */
  denied(attempt: Attempt): void {
    this.#note(attempt, 'access.denied', 'denied');
  }

  /** Somebody who may, and what he wants would break what is deployed. As `denied`. */
  refused(attempt: Attempt): void {
    this.#note(attempt, 'gateway.refused', 'refused');
  }

  /**
   * What was done elsewhere. Resolves when its record is stored, or after a while: then it is stored when Kafka takes it. Of a store that
   * did not answer it may stand there twice.
   */
  async done(attempt: Attempt): Promise<void> {
    this.#tell('access.done', factsOf(attempt));
    const answered = new AbortController();
    const stored = this.#storeSurely(this.#recordOf(attempt, 'done'));
    await Promise.race([stored, this.#clock.sleep(answerMsMax, answered.signal)]);
    answered.abort();
  }

  #note(attempt: Attempt, event: string, outcome: AuditRecord['outcome']): void {
    const { caller, reason } = attempt;
    if (this.#buckets.take(`${caller?.peer ?? ''} ${caller?.principal ?? ''}`, perPeer) > 0) return;
    this.#tell(event, { ...factsOf(attempt), reason: reason ?? '' });
    if (this.#waiting.length >= waitingMax) return;
    this.#waiting.push(this.#recordOf(attempt, outcome));
    if (!this.#isKeeping) void this.#store();
  }

  #recordOf({ caller, action, subject, reason }: Attempt, outcome: AuditRecord['outcome']): LogRecord {
    const what = subject === '' ? { action } : { action, subject };
    return auditRecord(what, { atMs: this.#clock.nowMs(), caller, outcome, reason });
  }

  /** All that waits, together, and not too often. */
  async #store(): Promise<void> {
    this.#isKeeping = true;
    while (this.#waiting.length > 0) {
      const records = this.#waiting.splice(0);
      try {
        await this.#append(records);
      } catch (thrown) {
        this.#tell('access.not-kept', { records: records.length, message: messageOf(thrown) });
      }
      await this.#clock.sleep(pauseMs, this.#signal);
    }
    this.#isKeeping = false;
  }

  async #storeSurely(record: LogRecord): Promise<void> {
    if (this.#unstored >= unstoredMax) return this.#tell('access.not-kept', { records: 1, message: 'too many wait already' });
    this.#unstored += 1;
    try {
      while (!(await this.#isStored(record))) await this.#clock.sleep(pauseMs, this.#signal);
    } finally {
      this.#unstored -= 1;
    }
  }

  /** True as well when nothing can be done any more. */
  async #isStored(record: LogRecord): Promise<boolean> {
    try {
      await this.#append([record]);
      return true;
    } catch (thrown) {
      const isLost = this.#signal.aborted;
      this.#tell(isLost ? 'access.not-kept' : 'access.kept-later', { records: 1, message: messageOf(thrown) });
      return isLost;
    }
  }

  #append(records: readonly LogRecord[]): Promise<null> {
    return this.#log.change(() => ({ records, answer: null }), AbortSignal.timeout(storeMsMax));
  }
}

function factsOf({ caller, action, subject }: Attempt): Record<string, string> {
  const who =
    caller === null ? { principal: 'schema-gateway' } : { principal: caller.principal, peer: caller.peer, door: caller.door };
  return { ...who, action, subject };
}
