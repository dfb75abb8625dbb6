import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface LogLine {
  readonly event: string;
  readonly [fact: string]: unknown;
}

/** The service as a process of its own, with what it has said so far. */
export interface ServiceProcess {
  readonly pid: number;
  readonly lines: readonly LogLine[];
  /** How often it said so, of one stage or at all. */
  said(event: string, stage?: string): number;
  /** Resolves with its exit code; null when a signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export function startService(env: NodeJS.ProcessEnv): ServiceProcess {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, '../main.ts')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = Promise.withResolvers<number | null>();
  child.once('exit', (code) => ended.resolve(code));
  const lines: LogLine[] = [];
  if (child.stdout !== null) createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line) as LogLine));
  return {
    pid: child.pid ?? 0,
    lines,
    said: (event, stage) => lines.filter((line) => line.event === event && (stage ?? line['stage']) === line['stage']).length,
    end(signal) {
      child.kill(signal);
      return ended.promise;
    },
  };
}
