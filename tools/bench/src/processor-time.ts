import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second. */
const ticksPerSecond = 100;
const statField = { parent: 1, user: 11, system: 12, endedUser: 13, endedSystem: 14 } as const;

/** Processor seconds of each process and all that it started, by the names that are asked for. */
export type ProcessorSeconds = Readonly<Record<string, number>>;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly seconds: number;
}

/** User and system time so far, children that have ended included. */
export function readProcessorSeconds(pids: Readonly<Record<string, number>>): ProcessorSeconds {
  const stats = readStats();
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, secondsOf(pid, stats)]));
}

export function elapsed(before: ProcessorSeconds, after: ProcessorSeconds): ProcessorSeconds {
  return Object.fromEntries(Object.entries(after).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]));
}

export function sumOf(seconds: ProcessorSeconds): number {
  return Object.values(seconds).reduce((sum, each) => sum + each, 0);
}

function readStats(): Stat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)) ?? []);
}

/** Null for a process that has gone meanwhile. */
function readStat(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' '); // a program's name may hold blanks
    const { parent, user, system, endedUser, endedSystem } = statField;
    const ticks = [user, system, endedUser, endedSystem].reduce((sum, field) => sum + Number(fields[field]), 0);
    return { pid, parent: Number(fields[parent]), seconds: ticks / ticksPerSecond };
  } catch {
    return null;
  }
}

function secondsOf(pid: number, stats: readonly Stat[]): number {
  const own = stats.find((stat) => stat.pid === pid)?.seconds ?? 0;
  return stats.filter(({ parent }) => parent === pid).reduce((sum, child) => sum + secondsOf(child.pid, stats), own);
}
