import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Takes the downloads away, unless a program runs from them. Answers the id of such a process; null: they are gone. */
export function eraseDownloads(folder: string): number | null {
  const user = commandLines().find(({ command }) => command.includes(`${folder}/`));
  if (user !== undefined) return user.pid;
  rmSync(folder, { recursive: true, force: true });
  return null;
}

interface CommandLine {
  readonly pid: number;
  readonly command: string;
}

function commandLines(): CommandLine[] {
  if (!existsSync('/proc/self/cmdline')) return commandLinesOfPs();
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.flatMap((pid) => {
    try {
      return [{ pid: Number(pid), command: readFileSync(join('/proc', pid, 'cmdline'), 'utf8') }];
    } catch {
      return []; // it ended a moment ago
    }
  });
}

function commandLinesOfPs(): CommandLine[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' });
  return stdout.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(.*)$/.exec(line);
    return match ? [{ pid: Number(match[1]), command: match[2] ?? '' }] : [];
  });
}
