import type { Facts, ProblemKind } from '@penstock/kernel';
import type { Answer } from './session.ts';
import type { ModelKind, Signature } from './signature.ts';

/** What a pool asks of a thread; each question is answered once, under its number. */
export type Question =
  | { readonly ask: 'hello'; readonly number: number }
  | { readonly ask: 'load'; readonly number: number; readonly model: number; readonly bytes: Uint8Array; readonly inputs: number }
  | {
      readonly ask: 'run';
      readonly number: number;
      readonly model: number;
      readonly features: Float32Array;
      readonly rows: number;
    }
  | { readonly ask: 'unload'; readonly number: number; readonly model: number };

export type Reply =
  | { readonly number: number; readonly hello: true }
  | { readonly number: number; readonly loaded: Loaded }
  | { readonly number: number; readonly answer: Answer }
  | { readonly number: number; readonly unloaded: true }
  | { readonly number: number; readonly problem: PlainProblem };

export interface Loaded {
  readonly signature: Signature;
  readonly kind: ModelKind;
}

/** A problem as it crosses threads. */
export interface PlainProblem {
  readonly kind: ProblemKind;
  readonly message: string;
  readonly facts: Facts;
}
