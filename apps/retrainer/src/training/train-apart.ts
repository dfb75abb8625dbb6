import { Worker } from 'node:worker_threads';
import { Problem } from '@penstock/kernel';
import type { ThreadNews, Trained, TrainingOrder } from './training-order.ts';

export interface TrainingApart {
  /** Aborting it ends the thread in the middle of whatever it does. */
  readonly signal: AbortSignal;
  readonly tell: (what: string) => void;
}

/** Of the heap of a training thread: a dataset that needs more fails its run, not the service. */
const heapMbMax = 2_048;

/** Trains in a thread of its own, so that locks are renewed and calls answered meanwhile. */
export async function trainApart(order: TrainingOrder, { signal, tell }: TrainingApart): Promise<Trained> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Trained>();
  const thread = new Worker(new URL('./training-thread.ts', import.meta.url), {
    name: 'training',
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: heapMbMax },
  });
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  thread.on('message', (news: ThreadNews) => {
    if ('doing' in news) tell(news.doing);
    else if ('trained' in news) resolve(news.trained);
    else reject(new Problem(news.problem.kind, news.problem.message, { facts: news.problem.facts }));
  });
  thread.on('error', reject);
  thread.on('exit', (code) => reject(new Error(`the training thread ended with code ${code} and no model`)));
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    await thread.terminate();
  }
}
