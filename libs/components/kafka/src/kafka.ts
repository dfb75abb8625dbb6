import { type Clock, systemClock } from '@penstock/kernel';
import { Cluster } from './cluster.ts';
import { type KafkaConfig, type KafkaSettings, kafkaConfig } from './config.ts';
import { openKafkajsDriver } from './kafkajs.ts';
import { openPlatformaticDriver } from './platformatic.ts';
import type { Driver, DriverOptions, TlsOptions } from './port.ts';

/** An open door to one Kafka cluster, shared by the sources, sinks and readers of a process. */
export interface Kafka extends AsyncDisposable {
  readonly config: KafkaConfig;
  readonly driver: Driver;
  readonly cluster: Cluster;
  readonly clock: Clock;
}

/** Connects when it is first used. Throws a ZodError on settings that make no sense. */
export function openKafka(settings: KafkaSettings, clock: Clock = systemClock): Kafka {
  const config = kafkaConfig.parse(settings);
  const driver = openDriver(config);
  const cluster = new Cluster(driver, config.brokers.map(parseSeed));
  return { config, driver, cluster, clock, [Symbol.asyncDispose]: () => driver[Symbol.asyncDispose]() };
}

function openDriver(config: KafkaConfig): Driver {
  const { clientId, connectTimeoutMs, requestTimeoutMs, sasl } = config;
  const options: DriverOptions = { clientId, connectTimeoutMs, requestTimeoutMs, sasl, tls: config.tls as TlsOptions | null };
  return config.driver === 'kafkajs' ? openKafkajsDriver(options) : openPlatformaticDriver(options);
}

function parseSeed(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}
