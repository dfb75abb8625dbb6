import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Command } from './declaration.ts';

const keptBytes = 4000;

/** Folders in which Debian puts servers, and which are not on every user's PATH. */
const serverFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/opt/homebrew/bin', '/opt/homebrew/sbin'];

/** The full path of a program on the PATH or in one of the usual server folders; null when there is none. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...serverFolders];
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

/** Runs a program to its end and returns what it printed. Throws with the end of its output when it fails. */
export function runProgram(command: Command, options: { cwd?: string } = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(command.file, command.args, {
    ...options,
    ...command.user,
    env: { ...process.env, ...command.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const keep = (chunk: Buffer): void => {
    printed += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.once('error', reject);
  child.once('close', (code, signal) => {
    if (code === 0) resolve(printed);
    else reject(new Error(`${command.file} ended with ${signal ?? `code ${code}`}: ${printed.trim().slice(-keptBytes)}`));
  });
  return promise;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
