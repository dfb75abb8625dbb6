import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached, cacheFolder } from '@penstock/brokers';

const run = promisify(execFile);
const folder = join(import.meta.dirname, '../python');
const requirementsFile = join(folder, 'requirements.txt');
const descriptorsFile = join(import.meta.dirname, '../../../libs/contracts/descriptors.binpb');
const contracts = ['penstock/ingest/v1/ingest.proto', 'penstock/dispatch/v1/dispatch.proto', 'inference/inference.proto'];

/** The program of another team, with an environment of its own. */
export interface PythonClient {
  /** Runs it and answers what it printed. */
  run(args: readonly string[]): Promise<unknown>;
}

/** Makes, once, an environment with gRPC for Python and the code that it generates from the published descriptor set. */
export async function openPythonClient(): Promise<PythonClient> {
  const python = await findPython();
  const wanted = createHash('sha256').update(readFileSync(requirementsFile)).update(readFileSync(descriptorsFile)).digest('hex');
  const environment = await cached(cacheFolder, `python-${wanted.slice(0, 12)}`, async (target) => {
    // Its scripts would name the place where it was made; only its interpreter is used, which finds itself.
    await run(python, ['-m', 'venv', target]);
    const own = join(target, 'bin/python');
    await run(own, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirementsFile]);
    const stubs = join(target, 'stubs');
    await run('mkdir', ['-p', stubs]);
    const outputs = [`--python_out=${stubs}`, `--grpc_python_out=${stubs}`];
    await run(own, ['-m', 'grpc_tools.protoc', `--descriptor_set_in=${descriptorsFile}`, ...outputs, ...contracts]);
  });
  return {
    async run(args) {
      const program = [join(folder, 'team.py'), '--stubs', join(environment, 'stubs'), ...args];
      const { stdout } = await run(join(environment, 'bin/python'), program, { timeout: 120_000 });
      return JSON.parse(stdout) as unknown;
    },
  };
}

async function findPython(): Promise<string> {
  for (const candidate of ['python3', 'python']) {
    const found = await run(candidate, ['-c', 'import ensurepip, venv']).catch(() => null);
    if (found !== null) return candidate;
  }
  throw new Error('Python 3 with its venv module is not on the PATH: install it (Debian: apt install python3-venv)');
}
