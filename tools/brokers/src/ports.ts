import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the range from which systems take ports for outgoing connections, so that a restarted broker finds its port free. */
const portMin = 20_000;
const portMax = 32_000;
const attemptsMax = 100;

/** A port of 127.0.0.1 that nothing listens on. */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const port = randomInt(portMin, portMax);
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${attemptsMax} ports tried between ${portMin} and ${portMax} is free on 127.0.0.1`);
}

/** Throws when something listens on `port` of 127.0.0.1 already. */
export async function requireFreePort(port: number, wanter: string): Promise<void> {
  if (await isFree(port)) return;
  throw new Error(`${wanter}: port ${port} is in use on 127.0.0.1: stop what listens there or choose another port`);
}

/** True when nothing listens on `port` of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}
