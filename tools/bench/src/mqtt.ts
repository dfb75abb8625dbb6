import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBrokers } from '@penstock/brokers';
import { systemClock } from '@penstock/kernel';
import { openMqttSource } from '@penstock/mqtt';
import { Ledger, pumpLimits, runPump } from '@penstock/pipeline';
import { benchFilter, openBareParser, openMqttJs, type Subscriber, window } from './bare-subscribers.ts';
import { type Bench, beside, compete, report, summarise } from './figures.ts';
import { createIdentityStage } from './identity-stage.ts';
import { CountingSink } from './memory-ends.ts';

const publishes = 60_000;
const payloadBytes = 200;
const topic = 'bench/room/1/reading';

/**
 * The source and the pump into memory, beside MQTT.js and beside the bare parser on a socket, each from one Mosquitto that is
 * fed by a process of its own. The broker is the same for all and has but one thread: CPU seconds tell more than the rate.
 */
export const benchMqtt: Bench = async (options) => {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-bench-mqtt-'));
  try {
    await using brokers = await openBrokers({ folder: join(folder, 'brokers'), names: ['mosquitto'], log: options.say });
    const { port } = brokers.mosquitto;
    const cpu: Record<string, number[]> = {};
    const contender = (name: string, open: (port: number) => Promise<Subscriber>) => async (): Promise<number> => {
      const { rate, cpuSecondsPerMillion } = await receive(port, open);
      cpu[name] = [...(cpu[name] ?? []), cpuSecondsPerMillion];
      return rate;
    };
    const rates = await compete(
      {
        source: contender('source', openThroughPump),
        'mqtt.js': contender('mqtt.js', openMqttJs),
        'mqtt-packet': contender('mqtt-packet', openBareParser),
      },
      options,
    );
    const figure = (name: string) => summarise(`${name}, QoS 1, ${payloadBytes} B`, 'publishes/s', rates[name] as number[]);
    const cost = (name: string) => summarise(`${name}, CPU`, 's per million', (cpu[name] as number[]).slice(1));
    return report('mqtt', [
      beside(figure('source'), figure('mqtt.js')),
      beside(figure('source'), figure('mqtt-packet')),
      beside(cost('source'), cost('mqtt.js')),
      beside(cost('source'), cost('mqtt-packet')),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Publishes a second that a subscriber takes while it is fed as fast as the broker can, and its processor time. */
export async function receive(
  port: number,
  open: (port: number) => Promise<Subscriber>,
): Promise<{ rate: number; cpuSecondsPerMillion: number }> {
  const subscriber = await open(port);
  const load = spawn(process.execPath, [
    join(import.meta.dirname, 'mqtt-load.ts'),
    `${port}`,
    topic,
    `${publishes}`,
    `${payloadBytes}`,
  ]);
  while (subscriber.count() === 0) await systemClock.sleep(1);
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  while (subscriber.count() < publishes) {
    if (load.exitCode !== null && load.exitCode !== 0) throw new Error(`the load ended with code ${load.exitCode}`);
    await systemClock.sleep(1);
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  await subscriber.close();
  return { rate: publishes / seconds, cpuSecondsPerMillion: (user + system) / publishes };
}

async function openThroughPump(port: number): Promise<Subscriber> {
  const sink = new CountingSink();
  const subscribed = Promise.withResolvers<void>();
  const source = openMqttSource(
    { url: `mqtt://127.0.0.1:${port}`, clientId: 'bench-source', topics: [benchFilter], windowRows: window, sessionExpiryMs: 0 },
    { clock: systemClock, events: { subscribed: () => subscribed.resolve() } },
  );
  const drain = new AbortController();
  const ended = runPump(
    {
      source,
      sink,
      stage: createIdentityStage(),
      dead: null,
      origin: { pipeline: 'bench', stage: 'identity' },
      clock: systemClock,
      random: Math.random,
      limits: pumpLimits,
      ledger: new Ledger(),
    },
    drain.signal,
  );
  await Promise.race([subscribed.promise, ended]);
  return {
    count: () => sink.records,
    async close() {
      drain.abort();
      await ended;
      await source[Symbol.asyncDispose]();
    },
  };
}
