import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

/** Runs a program to its end and answers what it printed. Throws with the last it said when it fails. */
export async function runProgram({ file, args, cwd, env, timeoutMs = 300_000 }: Program): Promise<string> {
  try {
    const options = { ...(cwd !== undefined && { cwd }), env: { ...process.env, ...env }, timeout: timeoutMs };
    return (await execute(file, [...args], { ...options, maxBuffer: 16_777_216 })).stdout;
  } catch (thrown) {
    const { code, stderr = '' } = thrown as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') throw new Error(`${file} is not on the PATH`, { cause: thrown });
    throw new Error(`${file} failed: ${stderr.trim().split('\n').slice(-3).join('; ')}`, { cause: thrown });
  }
}
