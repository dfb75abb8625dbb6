import { setTimeout as delay } from 'node:timers/promises';
import type { BrokerName, Declaration } from './declaration.ts';
import type { Runner, Running } from './runner.ts';

const readyPollMs = 50;

/** One real broker, and all that can happen to it. */
export interface Broker {
  readonly name: BrokerName;
  /** What clients are given: `host:port` for Kafka, a URL for the others. */
  readonly address: string;
  readonly port: number;
  /** The process that runs now; null while there is none. */
  readonly pid: number | null;
  /** Starts it again on the same data and port and waits until it answers. */
  start(): Promise<void>;
  /** Ends it in good order; after its deadline with SIGKILL. */
  stop(): Promise<void>;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Resolves when it answers its own protocol. Throws when it ends or the deadline passes before. */
  ready(): Promise<void>;
}

/** A broker that is ours to start and to end. It does not run yet. */
export function createBroker(declaration: Declaration, port: number, runner: Runner): Broker {
  const { name } = declaration;
  let running: Running | null = null;

  const needRunning = (): Running => {
    if (running === null) throw new Error(`${name} does not run: call start() first`);
    return running;
  };
  const ready = (): Promise<void> => waitUntilReady(declaration, port, needRunning());
  const kill = async (): Promise<void> => {
    if (running === null) return;
    await running.kill();
    await running.ended;
    running = null;
  };

  return {
    name,
    port,
    address: declaration.address(port),
    get pid() {
      return running?.pid ?? null;
    },
    async start() {
      if (running !== null) throw new Error(`${name} runs already as process ${running.pid}`);
      running = await runner.start();
      await ready().catch(async (thrown) => {
        await kill();
        throw thrown;
      });
    },
    async stop() {
      if (running === null) return;
      // A frozen process hears no signal but SIGKILL.
      await running.thaw();
      await running.stop();
      const ended = await endsWithin(running, declaration.stop.deadlineMs);
      if (ended) running = null;
      else await kill();
    },
    kill,
    freeze: async () => needRunning().freeze(),
    thaw: async () => needRunning().thaw(),
    ready,
  };
}

async function waitUntilReady(declaration: Declaration, port: number, running: Running): Promise<void> {
  let end: string | null = null;
  let last: unknown = null;
  running.ended.then((sentence) => {
    end = sentence;
  });
  const deadline = performance.now() + declaration.startDeadlineMs;
  while (performance.now() < deadline) {
    if (end !== null) throw new Error(`${declaration.name} ${end} before it was ready:\n${running.lastLines()}`);
    try {
      return await declaration.ready(port);
    } catch (thrown) {
      last = thrown;
    }
    await delay(readyPollMs);
  }
  const seconds = declaration.startDeadlineMs / 1000;
  throw new Error(`${declaration.name} is not ready on port ${port} after ${seconds} s:\n${running.lastLines()}`, {
    cause: last,
  });
}

async function endsWithin(running: Running, deadlineMs: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(deadlineMs, false, { signal: timer.signal }).catch(() => false);
  const ended = await Promise.race([running.ended.then(() => true), late]);
  timer.abort();
  return ended;
}
