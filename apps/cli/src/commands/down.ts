import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cacheFolder, eraseBrokers, eraseDownloads, isRunning, type ProcessIdentity, signalAll, sweep } from '@penstock/brokers';
import { defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { type Output, show } from '../command-line/output.ts';
import { readRunningRecord } from '../platform/platform-record.ts';

const options = {
  purge: { type: 'boolean', says: 'erase data, logs and downloads as well' },
} as const;

/** Every service may use its whole deadline, one after the other. */
const endMsMax = 240_000;

export const down = defineCommand({
  operands: [],
  options,
  details: ['Sources end first, and what was taken in is settled. Without --purge the next `penstock up` goes on where it was.'],
  async run({ values, output, folder }) {
    const running = readRunningRecord(folder);
    const ended = running === null || (await end(running.owner, output));
    if (!ended) return exitCode.unsettled;
    const left = values.purge ? await purge(folder, output) : null;
    show(output, { stopped: running !== null, purged: values.purge, left }, () => [
      running === null ? `nothing runs in ${folder}` : 'everything has ended',
      ...(values.purge ? [left ?? 'no trace is left'] : []),
    ]);
    return exitCode.done;
  },
});

async function end(owner: ProcessIdentity, output: Output): Promise<boolean> {
  output.tell(`asking process ${owner.pid} to end …`);
  signalAll([owner], 'SIGTERM');
  const deadline = performance.now() + endMsMax;
  while (isRunning(owner)) {
    if (performance.now() > deadline) {
      output.tell(`process ${owner.pid} has not ended after ${endMsMax / 1_000} s`);
      return false;
    }
    await delay(50);
  }
  return true;
}

/** Answers what had to be left, and why; null: nothing. */
async function purge(folder: string, output: Output): Promise<string | null> {
  for (const place of ['services', 'brokers']) if (existsSync(join(folder, place))) await sweep(join(folder, place));
  await eraseBrokers(join(folder, 'brokers'), (line) => output.tell(line));
  rmSync(folder, { recursive: true, force: true });
  return purgeDownloads(folder);
}

/** Downloads go with the last folder of the checkout's own. */
function purgeDownloads(folder: string): string | null {
  const home = dirname(cacheFolder);
  if (dirname(folder) !== home || !existsSync(home)) return null;
  if (readdirSync(home).some((entry) => join(home, entry) !== cacheFolder))
    return `downloads stay in ${cacheFolder}: others use that folder`;
  const user = eraseDownloads(cacheFolder);
  if (user !== null) return `downloads stay in ${cacheFolder}: process ${user} runs from them`;
  rmdirSync(home);
  return null;
}
