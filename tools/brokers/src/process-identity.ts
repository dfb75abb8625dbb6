import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const goneDeadlineMs = 10_000;
const gonePollMs = 5;

/** A process id alone is reused by the system; together with the start of the process it is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque: clock ticks since boot on Linux, a date elsewhere. */
  readonly startedAt: string;
}

interface ProcessLine extends ProcessIdentity {
  readonly parent: number;
  /** One letter; Z is a zombie, T is stopped. */
  readonly state: string;
}

/** The identity of a running process. Throws when there is none with this id. */
export function identityOf(pid: number): ProcessIdentity {
  const line = lineOf(pid);
  if (line === null) throw new Error(`process ${pid} is not running, so it has no identity`);
  return { pid, startedAt: line.startedAt };
}

/** True while any process of this id runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  const line = lineOf(pid);
  return line !== null && line.state !== 'Z';
}

/** True while this very process runs; a zombie does not. */
export function isRunning(identity: ProcessIdentity): boolean {
  const line = lineOf(identity.pid);
  return line !== null && line.state !== 'Z' && line.startedAt === identity.startedAt;
}

/** True while this very process is stopped by SIGSTOP. */
export function isStopped(identity: ProcessIdentity): boolean {
  const line = lineOf(identity.pid);
  return line !== null && line.state === 'T' && line.startedAt === identity.startedAt;
}

/** The process and all that descend from it, ancestors first (PostgreSQL's backends leave its process group). */
export function familyOf(pid: number): ProcessIdentity[] {
  const lines = allLines();
  const family = lines.filter((line) => line.pid === pid);
  for (const member of family) family.push(...lines.filter((line) => line.parent === member.pid));
  return family.map((line) => ({ pid: line.pid, startedAt: line.startedAt }));
}

/** Sends a signal to exactly these processes; those that are gone, or replaced by others, are left alone. */
export function signalAll(processes: readonly ProcessIdentity[], signal: NodeJS.Signals): void {
  for (const identity of processes) {
    if (!isRunning(identity)) continue;
    try {
      process.kill(identity.pid, signal);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
    }
  }
}

/** SIGKILL to a process and its children; waits until all are gone, or fails after ten seconds. */
export async function killFamily(identity: ProcessIdentity): Promise<void> {
  const family = familyOf(identity.pid);
  signalAll(family, 'SIGKILL');
  const deadline = performance.now() + goneDeadlineMs;
  while (family.some(isRunning)) {
    if (performance.now() > deadline) throw new Error(`process ${identity.pid} lives ${goneDeadlineMs} ms after SIGKILL`);
    await delay(gonePollMs);
  }
}

function lineOf(pid: number): ProcessLine | null {
  if (!existsSync('/proc/self/stat')) return allLines().find((line) => line.pid === pid) ?? null;
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return null;
  }
}

function allLines(): ProcessLine[] {
  if (!existsSync('/proc/self/stat')) return linesOfPs();
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.map((pid) => lineOf(Number(pid))).filter((line) => line !== null);
}

/** proc(5): the program's name stands in parentheses and may hold spaces and parentheses itself. */
function parseStat(stat: string): ProcessLine {
  const pid = Number(stat.slice(0, stat.indexOf(' ')));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid, state: fields[0] ?? '', parent: Number(fields[1]), startedAt: fields[19] ?? '' };
}

/** Systems without /proc. */
export function linesOfPs(): ProcessLine[] {
  const listing = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,state=,lstart='], { encoding: 'utf8' });
  if (listing.error) throw new Error('cannot list processes: there is neither /proc nor ps', { cause: listing.error });
  return listing.stdout.split('\n').flatMap((text) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S)\S*\s+(.+?)\s*$/.exec(text);
    return match ? [{ pid: Number(match[1]), parent: Number(match[2]), state: match[3] ?? '', startedAt: match[4] ?? '' }] : [];
  });
}
