import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { Bell, type Problem } from '@penstock/kernel';
import { cancelled, deadlinePassed, draining, overloaded } from '../problems.ts';

/** What calls of all four forms have in common. */
export interface RawCall extends Pick<ServerUnaryCall<unknown, unknown>, 'cancelled' | 'metadata' | 'getPeer' | 'getDeadline'> {
  once(event: 'cancelled', listener: () => void): unknown;
  removeListener(event: 'cancelled', listener: () => void): unknown;
}

/** What a handler knows of the call that it answers. */
export interface GrpcCall {
  /** Aborts when the caller goes away, its deadline passes, or the service ends; its reason is the problem to answer with. */
  readonly signal: AbortSignal;
  /** The address of the caller. */
  readonly peer: string;
  readonly metadata: Metadata;
  /** Milliseconds since the epoch; null for a stream without a deadline. */
  readonly deadlineAtMs: number | null;
}

export interface CallLimits {
  readonly callsMax: number;
  readonly callMsMax: number;
}

/** `unary` calls are finished while draining, `stream`s from the service end, the requests of a `dialogue` end. */
export type CallForm = 'unary' | 'stream' | 'dialogue';

/** The calls that are under way. */
export class Calls {
  readonly #limits: CallLimits;
  readonly #open = new Set<OpenCall>();
  readonly #ended = new Bell();
  #draining = false;

  constructor(limits: CallLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  begin(raw: RawCall, form: CallForm): OpenCall {
    if (this.#draining) throw draining('this service is ending: ask again, another one may answer');
    const { callsMax, callMsMax } = this.#limits;
    if (this.#open.size >= callsMax) throw overloaded(`${callsMax} calls are under way`, { facts: { callsMax } });
    const call = new OpenCall(raw, { form, callMsMax: form === 'unary' ? callMsMax : null, ended: () => this.#end(call) });
    this.#open.add(call);
    return call;
  }

  #end(call: OpenCall): void {
    this.#open.delete(call);
    this.#ended.ring();
  }

  /** Refuses new calls and resolves when those under way have ended. */
  async drain(): Promise<void> {
    this.#draining = true;
    const problem = draining('this service is ending: ask again, another one may answer');
    for (const call of this.#open) call.drain(problem);
    while (this.#open.size > 0) await this.#ended.wait();
  }
}

export class OpenCall implements GrpcCall, Disposable {
  readonly peer: string;
  readonly metadata: Metadata;
  readonly deadlineAtMs: number | null;
  readonly #abort = new AbortController();
  readonly #intake = new AbortController();
  readonly #form: CallForm;
  readonly #raw: RawCall;
  readonly #ended: () => void;
  readonly #timer: NodeJS.Timeout | null;
  readonly #cancelled = (): void => this.#stop(cancelled('the caller went away'));

  constructor(raw: RawCall, how: { form: CallForm; callMsMax: number | null; ended: () => void }) {
    this.#raw = raw;
    this.#form = how.form;
    this.#ended = how.ended;
    this.peer = raw.getPeer();
    this.metadata = raw.metadata;
    const nowMs = Date.now();
    const asked = Number(raw.getDeadline());
    const leftMs = Math.min(
      Number.isFinite(asked) ? asked - nowMs : Number.POSITIVE_INFINITY,
      how.callMsMax ?? Number.POSITIVE_INFINITY,
    );
    this.deadlineAtMs = Number.isFinite(leftMs) ? nowMs + leftMs : null;
    this.#timer = Number.isFinite(leftMs)
      ? setTimeout(() => this.#stop(deadlinePassed('the time for this call has passed')), leftMs)
      : null;
    raw.once('cancelled', this.#cancelled);
    if (raw.cancelled) this.#cancelled();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Aborts when no further request is to be taken from the caller. */
  get intakeEnded(): AbortSignal {
    return this.#intake.signal;
  }

  drain(problem: Problem): void {
    if (this.#form === 'stream') this.#stop(problem);
    if (this.#form === 'dialogue') this.#intake.abort(problem);
  }

  #stop(problem: Problem): void {
    this.#abort.abort(problem);
    this.#intake.abort(problem);
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#raw.removeListener('cancelled', this.#cancelled);
    this.#ended();
  }
}
