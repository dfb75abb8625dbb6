import { Bell } from '@penstock/kernel';
import type { GatewayLog } from '../log/gateway-log.ts';
import type { Change } from '../log/records.ts';
import { tooSlow } from '../problems.ts';

const changesMax = 10_000;

/** Every change from the call on, until the signal aborts. Throws `gateway.too-slow` for who does not keep up. */
export function streamChanges(log: GatewayLog, signal: AbortSignal): AsyncIterable<Change> {
  const waiting: Change[] = [];
  const bell = new Bell();
  const stop = log.onChange((change) => {
    if (waiting.length <= changesMax) waiting.push(change);
    bell.ring();
  });
  const ring = (): void => {
    stop();
    bell.ring();
  };
  signal.addEventListener('abort', ring, { once: true });
  if (signal.aborted) ring();
  return follow(waiting, bell, signal);
}

async function* follow(waiting: Change[], bell: Bell, signal: AbortSignal): AsyncGenerator<Change> {
  while (!signal.aborted) {
    if (waiting.length > changesMax) throw tooSlow(`${changesMax} changes wait for this caller: watch anew`);
    const next = waiting.shift();
    if (next === undefined) await bell.wait();
    else yield next;
  }
}
