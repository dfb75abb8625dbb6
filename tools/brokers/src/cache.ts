import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identityOf, isRunning, type ProcessIdentity } from './process-identity.ts';

const lockPollMs = 200;

/**
 * Returns the folder `name` of the cache and has `build` fill it first when it is missing. One process builds at a time;
 * the folder appears by a rename, whole or not at all, so a build that was cut off is never taken for a finished one.
 */
export async function cached(cacheFolder: string, name: string, build: (folder: string) => Promise<void>): Promise<string> {
  const target = join(cacheFolder, name);
  if (existsSync(target)) return target;
  mkdirSync(dirname(target), { recursive: true });
  await using _lock = await lock(`${target}.lock`);
  if (existsSync(target)) return target;
  const unfinished = `${target}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  await build(unfinished);
  renameSync(unfinished, target);
  return target;
}

async function lock(path: string): Promise<AsyncDisposable> {
  while (!tryLock(path)) {
    if (!isRunning(holderOf(path))) rmSync(path, { force: true });
    else await delay(lockPollMs);
  }
  return { [Symbol.asyncDispose]: async () => rmSync(path, { force: true }) };
}

function tryLock(path: string): boolean {
  try {
    const file = openSync(path, 'wx');
    writeSync(file, JSON.stringify(identityOf(process.pid)));
    closeSync(file);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}

function holderOf(path: string): ProcessIdentity {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    // Gone or not yet written: whoever made it is alive.
    return identityOf(process.pid);
  }
}
