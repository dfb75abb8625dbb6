import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { Bell } from '@penstock/kernel';

export interface Line {
  readonly event: string;
  readonly [fact: string]: unknown;
}

/** The sample service as a process of its own. */
export class ServiceProcess implements AsyncDisposable {
  readonly lines: Line[] = [];
  stderr = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  readonly #printed = new Bell();

  constructor(env: Readonly<Record<string, string>>) {
    const { promise, resolve } = Promise.withResolvers<number | null>();
    this.#ended = promise;
    const file = join(import.meta.dirname, 'sample-service.ts');
    this.#child = spawn(process.execPath, [file], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let rest = '';
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      this.lines.push(...lines.map((line) => JSON.parse(line) as Line));
      this.#printed.ring();
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.#child.once('close', resolve);
  }

  events(): string[] {
    return this.lines.map(({ event }) => event);
  }

  /** The first line of this event; whoever waits in vain is ended by the test's own deadline. */
  async line(event: string): Promise<Line> {
    while (true) {
      const found = this.lines.find((line) => line.event === event);
      if (found !== undefined) return found;
      await this.#printed.wait();
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The exit code. */
  ended(): Promise<number | null> {
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
