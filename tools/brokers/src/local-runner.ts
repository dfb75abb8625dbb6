import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Declaration, LocalPrograms, Site } from './declaration.ts';
import { familyOf, identityOf, killFamily, type ProcessIdentity, signalAll } from './process-identity.ts';
import { forgetProcess, recordProcess } from './process-record.ts';
import type { Runner, Running } from './runner.ts';

const logFile = 'log.txt';
const lastBytes = 2000;

export interface LocalRun {
  readonly declaration: Declaration;
  readonly programs: LocalPrograms;
  /** The broker's own folder: configuration, log, the record of its process. */
  readonly folder: string;
  readonly site: Site;
}

/** Runs a broker as a local process of its own session, so that Ctrl-C in a terminal does not reach it before us. */
export function createLocalRunner(run: LocalRun): Runner {
  return {
    async start() {
      prepareFolders(run);
      await run.programs.format(run.site);
      return launch(run);
    },
    erase: async () => rmSync(run.site.dataFolder, { recursive: true, force: true }),
  };
}

function prepareFolders({ declaration, programs, folder, site }: LocalRun): void {
  mkdirSync(folder, { recursive: true });
  mkdirSync(site.configFolder, { recursive: true });
  mkdirSync(site.dataFolder, { recursive: true, mode: 0o700 });
  if (programs.user) chownSync(site.dataFolder, programs.user.uid, programs.user.gid);
  for (const [name, text] of Object.entries(declaration.files(site))) writeFileSync(join(site.configFolder, name), text);
}

async function launch({ declaration, programs, folder, site }: LocalRun): Promise<Running> {
  const command = programs.command(site);
  const logPath = join(folder, logFile);
  const log = openSync(logPath, 'a');
  const child = spawn(command.file, command.args, {
    ...command.user,
    cwd: site.dataFolder,
    detached: true,
    env: { ...process.env, ...command.env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const ended = endOf(child);
  if (child.pid === undefined) throw new Error(`${declaration.name}: ${command.file} ${await ended}`);
  const identity = identityOf(child.pid);
  recordProcess(folder, identity);
  child.unref();
  return {
    ...signalsOf(identity, declaration),
    pid: child.pid,
    ended: ended.finally(() => forgetProcess(folder)),
    lastLines: () => tail(logPath),
  };
}

/** Signals go to the broker's children too: a stopped postmaster alone leaves its backends answering. */
function signalsOf(identity: ProcessIdentity, declaration: Declaration): Pick<Running, 'stop' | 'kill' | 'freeze' | 'thaw'> {
  return {
    stop: async () => signalAll([identity], declaration.stop.signal),
    kill: () => killFamily(identity),
    freeze: async () => signalAll(familyOf(identity.pid), 'SIGSTOP'),
    thaw: async () => signalAll(familyOf(identity.pid), 'SIGCONT'),
  };
}

function endOf(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  child.once('error', (error) => resolve(`could not be started (${error.message})`));
  child.once('exit', (code, signal) => resolve(`ended with ${signal ?? `code ${code}`}`));
  return promise;
}

function tail(path: string): string {
  const size = statSync(path).size;
  return readFileSync(path, 'utf8').slice(-Math.min(size, lastBytes));
}
