import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, isRunning, killFamily, type ProcessIdentity } from './process-identity.ts';

const recordFile = 'pid.json';

/** Whose broker runs in a folder: written when it starts, removed when it ended, swept when its owner died in between. */
interface ProcessRecord {
  readonly owner: ProcessIdentity;
  readonly process?: ProcessIdentity;
  readonly container?: string;
}

export function recordProcess(folder: string, identity: ProcessIdentity): void {
  write(folder, { owner: identityOf(process.pid), process: identity });
}

export function recordContainer(folder: string, container: string): void {
  write(folder, { owner: identityOf(process.pid), container });
}

export function forgetProcess(folder: string): void {
  rmSync(join(folder, recordFile), { force: true });
}

/**
 * Ends what dead owners left running below `folder` (one folder per broker). Throws when an owner lives: two platforms on
 * one folder would write the same data.
 */
export async function sweep(folder: string): Promise<void> {
  for (const brokerFolder of recordedFolders(folder)) {
    const record = JSON.parse(readFileSync(join(brokerFolder, recordFile), 'utf8')) as ProcessRecord;
    if (isRunning(record.owner)) {
      throw new Error(`${brokerFolder} is in use by process ${record.owner.pid}: stop that process or choose another folder`);
    }
    if (record.process && isRunning(record.process)) await killFamily(record.process);
    if (record.container) spawnSync('docker', ['rm', '--force', record.container], { stdio: 'ignore' });
    forgetProcess(brokerFolder);
  }
}

function recordedFolders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((brokerFolder) => existsSync(join(brokerFolder, recordFile)));
}

function write(folder: string, record: ProcessRecord): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, recordFile), JSON.stringify(record));
}
