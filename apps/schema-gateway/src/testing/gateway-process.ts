import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '@penstock/testing';

/** A gateway as a process of its own. */
export interface GatewayProcess {
  readonly pid: number;
  readonly url: string;
  /** Resolves with its exit code; null when a signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

interface Line {
  readonly event: string;
  readonly rest?: string;
}

/** Resolves when it says that it is ready. */
export async function startGateway(env: NodeJS.ProcessEnv): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = Promise.withResolvers<number | null>();
  child.once('exit', (code) => ended.resolve(code));
  const lines: Line[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line) as Line));
  const ready = await until(() => lines.find(({ event }) => event === 'service.ready'), {
    deadlineMs: 30_000,
    what: 'a gateway that is ready',
  });
  return {
    pid: child.pid ?? 0,
    url: ready.rest ?? '',
    end(signal) {
      child.kill(signal);
      return ended.promise;
    },
  };
}
