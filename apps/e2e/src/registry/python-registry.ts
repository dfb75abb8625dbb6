import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached, cacheFolder } from '@penstock/brokers';

const run = promisify(execFile);
const folder = join(import.meta.dirname, '../../python');
const requirementsFile = join(folder, 'registry-requirements.txt');

/** The program of a team that uses Confluent's client for Python. */
export interface PythonRegistryClient {
  /** Runs it and answers what it printed. */
  run(args: readonly string[]): Promise<unknown>;
}

/** Makes, once, an environment with what that team uses. */
export async function openPythonRegistryClient(): Promise<PythonRegistryClient> {
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
      const program = [join(folder, 'registry.py'), ...args];
      const { stdout } = await run(join(environment, 'bin/python'), program, { timeout: 60_000 });
      return JSON.parse(stdout) as unknown;
    },
  };
}
