import { setTimeout as delay } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from './process-identity.ts';
import { sweep } from './process-record.ts';

/**
 * A small process beside each owner of brokers. It waits for the end of its input, which comes when the owner closes it or
 * dies in whatever way, SIGKILL included, and then ends the brokers that are still recorded in the folder.
 */
const [folder = '', owner = '{}'] = process.argv.slice(2);
const goneDeadlineMs = 5000;
const pollMs = 10;

process.stdin.resume();
process.stdin.once('close', async () => {
  const deadline = performance.now() + goneDeadlineMs;
  // The pipe closes a moment before the system takes the owner off its list.
  while (isRunning(JSON.parse(owner) as ProcessIdentity) && performance.now() < deadline) await delay(pollMs);
  await sweep(folder);
});
