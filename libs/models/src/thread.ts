import { parentPort } from 'node:worker_threads';
import { serveModels } from './serve-models.ts';

if (parentPort === null) throw new Error('thread.ts runs in a worker thread only: open a model pool');
serveModels(parentPort);
