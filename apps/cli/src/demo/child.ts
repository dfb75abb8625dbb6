import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process of the demo that talks in lines of JSON. It ends when its standard input does, so never outlives its parent. */
export interface Child<News> extends AsyncDisposable {
  tell(command: unknown): void;
  /** What it said last; null before its first word. */
  readonly last: News | null;
  /** Resolves with its exit code. */
  readonly ended: Promise<number>;
}

export interface ChildOptions<News> {
  readonly script: string;
  readonly args?: readonly string[];
  /** The first line it is told. */
  readonly order?: unknown;
  heard?(news: News): void;
}

export function openChild<News>({ script, args = [], order, heard }: ChildOptions<News>): Child<News> {
  const child: ChildProcess = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // A Ctrl-C at the terminal is for the parent, which ends its children in order.
    detached: true,
  });
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  let last: News | null = null;
  child.once('error', () => resolve(1));
  child.once('exit', (code) => resolve(code ?? 1));
  child.stdin?.on('error', () => undefined);
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      last = JSON.parse(line) as News;
      heard?.(last);
    });
  }
  const tell = (command: unknown): void => void child.stdin?.write(`${JSON.stringify(command)}\n`);
  if (order !== undefined) tell(order);
  return {
    tell,
    get last() {
      return last;
    },
    ended,
    async [Symbol.asyncDispose]() {
      child.stdin?.end();
      await ended;
    },
  };
}
