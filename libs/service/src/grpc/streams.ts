import type { Readable, Writable } from 'node:stream';
import { Bell } from '@penstock/kernel';

/** What `promise` resolves to; rejects with the signal's reason when it aborts first. Leaves no listener behind. */
export function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    if (signal.aborted) aborted();
    signal.addEventListener('abort', aborted, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}

/** What arrives on a stream, until it ends or the signal aborts. The stream itself stays open. */
export async function* readAll<Item>(stream: Readable, signal: AbortSignal): AsyncGenerator<Item> {
  const bell = new Bell();
  const ring = (): void => bell.ring();
  const events = ['readable', 'end', 'close'];
  for (const event of events) stream.on(event, ring);
  signal.addEventListener('abort', ring, { once: true });
  try {
    while (!signal.aborted) {
      const item = stream.read() as Item | null;
      if (item !== null) yield item;
      else if (stream.readableEnded || stream.destroyed) return;
      else await bell.wait();
    }
  } finally {
    for (const event of events) stream.removeListener(event, ring);
    signal.removeEventListener('abort', ring);
  }
}

/**
 * Writes each item, and takes the next one only when the other end keeps up. A stream that is cancelled never drains, so the
 * signal ends the waiting, and the items' own `finally` runs.
 */
export async function writeAll<Item>(stream: Writable, items: AsyncIterable<Item>, signal: AbortSignal): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    while (true) {
      const { done, value } = await untilAborted(iterator.next(), signal);
      if (done === true) return;
      if (!stream.write(value)) await drained(stream, signal);
    }
  } finally {
    // Not waited for: an iterator that does not listen to the signal must not hold the call.
    iterator.return?.().catch(() => undefined);
  }
}

function drained(stream: Writable, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.once('drain', resolve);
  return untilAborted(promise, signal).finally(() => stream.removeListener('drain', resolve));
}
