import { AsyncLocalStorage } from 'node:async_hooks';
import type { Grants } from './grants.ts';

/** Who asks, at which door. */
export interface Caller {
  readonly principal: string;
  /** The address. */
  readonly peer: string;
  readonly door: 'rest' | 'grpc';
  /** Null: everybody may do everything. */
  readonly grants: Grants | null;
  /** What is asked is to put a document to work: the subjects whose schemas it registers are known only when it is decided. */
  readonly appliesDocument: boolean;
}

/** Known along the whole way of a question, so that whatever lists or changes something need not hand it on. */
const callers = new AsyncLocalStorage<Caller>();

export function asCaller<Answer>(caller: Caller, run: () => Answer): Answer {
  return callers.run(caller, run);
}

/** Null for what the gateway does by itself. */
export function currentCaller(): Caller | null {
  return callers.getStore() ?? null;
}

/** Nothing is hidden from the caller: what most are, and what costs no look at a subject. */
export function seesAll(): boolean {
  const grants = callers.getStore()?.grants ?? null;
  return grants === null || grants.readsAll;
}

/** What lists show: the subjects that the caller may read. */
export function isVisible(subject: string): boolean {
  const grants = callers.getStore()?.grants ?? null;
  return grants === null || grants.readsAll || grants.may('read', subject);
}

export function isPipelineVisible(pipeline: string): boolean {
  const grants = callers.getStore()?.grants ?? null;
  return grants === null || grants.mayPipeline('read', pipeline);
}
