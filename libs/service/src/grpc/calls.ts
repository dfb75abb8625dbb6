import type { PeerCertificate } from 'node:tls';
import type { Metadata, ServerUnaryCall } from '@grpc/grpc-js';
import { Bell, type Problem } from '@penstock/kernel';
import { cancelled, deadlinePassed, draining, overloaded } from '../problems.ts';

/** What calls of all four forms have in common. */
export interface RawCall
  extends Pick<ServerUnaryCall<unknown, unknown>, 'cancelled' | 'metadata' | 'getPeer' | 'getDeadline' | 'getAuthContext'> {
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
  /** What the caller has shown and an authority of ours has signed; null: nothing. */
  readonly peerCertificate: PeerCertificate | null;
  /** Milliseconds since the epoch; null for a stream without a deadline. */
  readonly deadlineAtMs: number | null;
}

export interface CallLimits {
  readonly callsMax: number;
  readonly callMsMax: number;
}

/**
 * While draining, a `unary` call is finished, a `stream` from the service ends, and so do the requests of a `dialogue`. A
 * `standing` call, such as one about health, is taken and answered until the door closes.
 */
export type CallForm = 'unary' | 'stream' | 'dialogue' | 'standing';

/** The calls that are under way. */
export class Calls {
  readonly #limits: CallLimits;
  readonly #open = new Set<OpenCall>();
  readonly #ended = new Bell();
  #draining = false;

  constructor(limits: CallLimits) {
    this.#limits = limits;
  }

  begin(raw: RawCall, form: CallForm): OpenCall {
    if (this.#draining && form !== 'standing') throw ending();
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
    for (const call of this.#open) call.drain(ending());
    while ([...this.#open].some(({ form }) => form !== 'standing')) await this.#ended.wait();
  }

  /** Ends all that is still under way. */
  close(): void {
    this.#draining = true;
    for (const call of this.#open) call.stop(ending());
  }
}

function ending(): Problem {
  return draining('this service is ending: ask again, another one may answer');
}

export class OpenCall implements GrpcCall, Disposable {
  readonly form: CallForm;
  readonly peer: string;
  readonly metadata: Metadata;
  readonly deadlineAtMs: number | null;
  readonly #abort = new AbortController();
  readonly #intake = new AbortController();
  readonly #raw: RawCall;
  readonly #ended: () => void;
  readonly #timer: NodeJS.Timeout | null;
  readonly #cancelled = (): void => this.stop(cancelled('the caller went away'));

  constructor(raw: RawCall, how: { form: CallForm; callMsMax: number | null; ended: () => void }) {
    this.#raw = raw;
    this.form = how.form;
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
      ? setTimeout(() => this.stop(deadlinePassed('the time for this call has passed')), leftMs)
      : null;
    raw.once('cancelled', this.#cancelled);
    if (raw.cancelled) this.#cancelled();
  }

  get peerCertificate(): PeerCertificate | null {
    return this.#raw.getAuthContext()?.sslPeerCertificate ?? null;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Aborts when no further request is to be taken from the caller. */
  get intakeEnded(): AbortSignal {
    return this.#intake.signal;
  }

  drain(problem: Problem): void {
    if (this.form === 'stream') this.stop(problem);
    if (this.form === 'dialogue') this.#intake.abort(problem);
  }

  stop(problem: Problem): void {
    this.#abort.abort(problem);
    this.#intake.abort(problem);
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#raw.removeListener('cancelled', this.#cancelled);
    this.#ended();
  }
}
