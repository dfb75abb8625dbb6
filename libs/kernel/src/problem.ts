/** The gRPC status under which a problem is answered to other teams. */
export type Status =
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED';

/**
 * What the engine does about a problem: `retry` after a wait (an outage), `reject` the record that caused it (poison),
 * or `stop` and let a person look.
 */
export type Remedy = 'retry' | 'reject' | 'stop';

/** Facts shown with a problem and sent as ErrorInfo metadata. Never a secret. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

export interface ProblemKind {
  readonly code: string;
  readonly status: Status;
  readonly remedy: Remedy;
}

/** An expected failure with a stable code. Anything else that is thrown is a defect. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly facts: Facts;

  constructor(kind: ProblemKind, message: string, more: { facts?: Facts; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'Problem';
    this.kind = kind;
    this.facts = more.facts ?? {};
  }

  get code(): string {
    return this.kind.code;
  }

  get remedy(): Remedy {
    return this.kind.remedy;
  }
}

export interface ProblemMaker extends ProblemKind {
  (message: string, more?: { facts?: Facts; cause?: unknown }): Problem;
  /** True for a problem of this kind. */
  caused(thrown: unknown): thrown is Problem;
}

/** Declares one kind of problem; codes read `area.what-happened` and are never reused. */
export function defineProblem(kind: ProblemKind): ProblemMaker {
  const make = (message: string, more: { facts?: Facts; cause?: unknown } = {}): Problem => new Problem(kind, message, more);
  const caused = (thrown: unknown): thrown is Problem => thrown instanceof Problem && thrown.kind.code === kind.code;
  return Object.assign(make, kind, { caused });
}

/** The message of anything that can be thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
