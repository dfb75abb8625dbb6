import type { Broker } from './broker.ts';
import type { BrokerName } from './declaration.ts';

const variables: Readonly<Record<BrokerName, string>> = {
  kafka: 'PENSTOCK_KAFKA',
  mosquitto: 'PENSTOCK_MQTT',
  redis: 'PENSTOCK_REDIS',
  postgres: 'PENSTOCK_POSTGRES',
};

/** The address of a broker that the user runs; null when the environment names none. */
export function addressFromEnvironment(name: BrokerName): string | null {
  return process.env[variables[name]] || null;
}

/** A broker of the user's own: it has an address, and we neither start nor end it. */
export function createForeignBroker(name: BrokerName, address: string): Broker {
  const refuse = async (): Promise<void> => {
    throw new Error(`${name} at ${address} is named by ${variables[name]}: it is not ours to end or freeze`);
  };
  const nothing = async (): Promise<void> => undefined;
  return {
    name,
    address,
    port: portOf(address),
    pid: null,
    start: nothing,
    stop: nothing,
    ready: nothing,
    kill: refuse,
    freeze: refuse,
    thaw: refuse,
  };
}

function portOf(address: string): number {
  return Number(/:(\d+)(?:\/|\?|$)/.exec(address.split(',')[0] ?? '')?.[1] ?? 0);
}
