import { parentPort, workerData } from 'node:worker_threads';
import { Problem } from '@penstock/kernel';
import { train } from './train.ts';
import type { ThreadNews, TrainingOrder } from './training-order.ts';

if (parentPort === null) throw new Error('training-thread.ts runs in a worker thread only: call trainApart');
const port = parentPort;
const tell = (news: ThreadNews): void => port.postMessage(news);

try {
  tell({ trained: await train(workerData as TrainingOrder, (what) => tell({ doing: what })) });
} catch (thrown) {
  if (!(thrown instanceof Problem)) throw thrown; // a defect: the thread dies of it
  tell({ problem: { kind: thrown.kind, message: thrown.message, facts: thrown.facts } });
}
