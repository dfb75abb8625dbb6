import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached, cacheFolder } from '@penstock/brokers';

const run = promisify(execFile);
const folder = join(import.meta.dirname, '../../python');

/** The program of a team that uses Confluent's client for Python. */
export interface PythonRegistryClient {
  /** Runs it and answers what it printed. */
  run(args: readonly string[]): Promise<unknown>;
}

/** What the client asks and writes. */
export function openPythonRegistryClient(): Promise<PythonRegistryClient> {
  return openProgram('registry.py', 'registry-requirements.txt');
}

/** Its data contracts. What carries out rules is five times as much to fetch as the rest. */
export function openPythonContracts(): Promise<PythonRegistryClient> {
  return openProgram('contracts.py', 'rules-requirements.txt');
}

/** Makes, once, an environment with what that team uses. */
async function openProgram(name: string, requirements: string): Promise<PythonRegistryClient> {
  const requirementsFile = join(folder, requirements);
  const wanted = createHash('sha256').update(readFileSync(requirementsFile)).digest('hex').slice(0, 12);
  const environment = await cached(cacheFolder, `python-registry-${wanted}`, async (target) => {
    await run('python3', ['-m', 'venv', target]);
    // Its scripts would name the place where it was made; only its interpreter is used, which finds itself.
    await run(join(target, 'bin/python'), [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      requirementsFile,
    ]);
  });
  return {
    async run(args) {
      const program = [join(folder, name), ...args];
      const { stdout } = await run(join(environment, 'bin/python'), program, { timeout: 60_000 });
      return JSON.parse(stdout) as unknown;
    },
  };
}
