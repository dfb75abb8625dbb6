import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBrokers } from '@penstock/brokers';
import { systemClock } from '@penstock/kernel';
import { openMqttSource } from '@penstock/mqtt';
import { Ledger, pumpLimits, runPump } from '@penstock/pipeline';
import mqtt from 'mqtt';
import mqttPacket from 'mqtt-packet';
import { type Bench, beside, compete, report, summarise } from './figures.ts';
import { createIdentityStage } from './identity-stage.ts';
import { CountingSink } from './memory-ends.ts';

const publishes = 60_000;
const payloadBytes = 200;
const topic = 'bench/room/1/reading';
const filter = 'bench/#';
const window = 1_024;

/** A subscriber that stands: QoS 1, MQTT 5, everything acknowledged. */
interface Subscriber {
  /** Publishes received, stored where there is a store, and acknowledged. */
  count(): number;
  close(): Promise<void>;
}

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

async function receive(
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
    { url: `mqtt://127.0.0.1:${port}`, clientId: 'bench-source', topics: [filter], windowRows: window, sessionExpiryMs: 0 },
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

async function openMqttJs(port: number): Promise<Subscriber> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    protocolVersion: 5,
    properties: { receiveMaximum: window },
  });
  let received = 0;
  client.on('message', () => {
    received += 1;
  });
  await client.subscribeAsync(filter, { qos: 1 });
  return { count: () => received, close: () => client.endAsync() };
}

async function openBareParser(port: number): Promise<Subscriber> {
  const parser = mqttPacket.parser({ protocolVersion: 5 });
  const subscribed = Promise.withResolvers<void>();
  let received = 0;
  const socket = connect(port, '127.0.0.1', () => {
    const properties = { receiveMaximum: window };
    const hello = {
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 5,
      clientId: 'bench-bare',
      clean: true,
      keepalive: 0,
    } as const;
    socket.write(mqttPacket.generate({ ...hello, properties }));
  });
  socket.on('data', (chunk) => parser.parse(chunk));
  parser.on('packet', (packet) => {
    if (packet.cmd === 'connack') {
      const subscriptions = [{ topic: filter, qos: 1 as const, nl: false, rap: false, rh: 0 }];
      socket.write(mqttPacket.generate({ cmd: 'subscribe', messageId: 1, subscriptions }, { protocolVersion: 5 }));
    } else if (packet.cmd === 'suback') subscribed.resolve();
    else if (packet.cmd === 'publish') {
      received += 1;
      socket.write(mqttPacket.generate({ cmd: 'puback', messageId: packet.messageId ?? 0 }, { protocolVersion: 5 }));
    }
  });
  await subscribed.promise;
  return { count: () => received, close: async () => void socket.destroy() };
}
