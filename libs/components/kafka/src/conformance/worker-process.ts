import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { WorkerOrder } from './worker.ts';

/** A process of its own that a test may kill. */
export interface Worker extends AsyncDisposable {
  readonly lines: readonly string[];
  readonly ended: Promise<number | null>;
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

export function startWorker(order: WorkerOrder): Worker {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, 'worker.ts'), JSON.stringify(order)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => lines.push(line));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const kill = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  return { lines, ended, kill, [Symbol.asyncDispose]: async () => void (await kill('SIGKILL')) };
}
