import type { Broker } from '@penstock/brokers';
import { type Random, systemClock } from '@penstock/kernel';
import { until } from '@penstock/testing';
import type { GatewayProcess } from './gateway-process.ts';
import type { Registrations } from './registrations.ts';
import { untilNoneReads } from './registry-watcher.ts';

/** Three gateways on one Kafka, and authors at all of them. */
export interface Ground {
  readonly kafka: Broker;
  readonly gateways: readonly GatewayProcess[];
  readonly registrations: Registrations;
  readonly random: Random;
  readonly frozenMs: number;
}

export interface Strike {
  /** By `performance.now()`: when nothing more stood in the way of a write. */
  readonly recoveryFromMs: number;
  /** Until no gateway said any more that it reads; undefined where that was not the question, null when it took too long. */
  readonly unreadySeconds?: number | null;
  /** Undoes the rest of it, once writes are answered again. */
  heal(): Promise<void>;
}

export interface Fault {
  readonly name: string;
  strike(ground: Ground): Promise<Strike>;
}

const awayMs = 2_000;

export const registryFaults: readonly Fault[] = [
  { name: 'gateway killed', strike: (ground) => kill(ground, otherThanWriter(ground)) },
  { name: 'writing gateway killed', strike: (ground) => kill(ground, writerOf(ground)) },
  { name: 'kafka restarted', strike: restartKafka },
  { name: 'kafka silent', strike: silenceKafka },
  { name: 'writing gateway frozen', strike: freeze },
];

function writerOf({ registrations, gateways }: Ground): GatewayProcess {
  return registrations.writer ?? (gateways[0] as GatewayProcess);
}

function otherThanWriter(ground: Ground): GatewayProcess {
  const others = ground.gateways.filter((gateway) => gateway !== writerOf(ground));
  return others[Math.floor(ground.random() * others.length)] as GatewayProcess;
}

/** In the midst of a write: whether that is stored, its author does not know. */
async function kill({ registrations }: Ground, victim: GatewayProcess): Promise<Strike> {
  await until(() => registrations.waitingFor(victim) > 0, { deadlineMs: 10_000, what: `a write at ${victim.name}` });
  const recoveryFromMs = performance.now();
  await victim.kill();
  return { recoveryFromMs, heal: () => victim.start() };
}

async function restartKafka({ kafka, gateways }: Ground): Promise<Strike> {
  const sinceMs = performance.now();
  await kafka.kill();
  const unreadySeconds = await untilNoneReads(gateways, sinceMs);
  await systemClock.sleep(awayMs);
  await kafka.start();
  return { recoveryFromMs: performance.now(), unreadySeconds, heal: async () => undefined };
}

/** Its connections stay, and nothing is answered: harder to notice than one that is gone. */
async function silenceKafka({ kafka, gateways }: Ground): Promise<Strike> {
  const sinceMs = performance.now();
  await kafka.freeze();
  const unreadySeconds = await untilNoneReads(gateways, sinceMs);
  await systemClock.sleep(awayMs);
  await kafka.thaw();
  return { recoveryFromMs: performance.now(), unreadySeconds, heal: async () => undefined };
}

/** When it wakes, it still believes that it is the one that writes. */
async function freeze(ground: Ground): Promise<Strike> {
  const victim = writerOf(ground);
  await until(() => ground.registrations.waitingFor(victim) > 0, { deadlineMs: 10_000, what: `a write at ${victim.name}` });
  const recoveryFromMs = performance.now();
  victim.freeze();
  return {
    recoveryFromMs,
    async heal() {
      await systemClock.sleep(Math.max(0, recoveryFromMs + ground.frozenMs - performance.now()));
      victim.thaw();
    },
  };
}
