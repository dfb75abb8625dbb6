import { findFreePort, isFree, requireFreePort } from '@penstock/brokers';
import { type ServiceName, serviceNames } from './service-list.ts';

/** The four brokers, the registry's REST door, and the gRPC door of each service. */
export type Door = 'kafka' | 'mosquitto' | 'redis' | 'postgres' | 'registry' | ServiceName;
export type Ports = Readonly<Record<Door, number>>;

/**
 * Not the usual ports, so that a user's own brokers are no trouble, and below those that systems take for outgoing connections.
 */
export const usualPorts: Ports = {
  kafka: 21_092,
  mosquitto: 21_883,
  redis: 21_379,
  postgres: 21_432,
  registry: 21_081,
  'schema-gateway': 21_501,
  'mqtt-ingestor': 21_502,
  preprocessor: 21_503,
  'model-server': 21_504,
  'sink-dispatcher': 21_505,
  retrainer: 21_506,
};

export const doors: readonly Door[] = ['kafka', 'mosquitto', 'redis', 'postgres', 'registry', ...serviceNames];

export interface PortWishes {
  /** `any`: free ones, for a platform beside others. */
  readonly usual: 'fixed' | 'any';
  /** Of an earlier start in the same folder. */
  readonly remembered: Partial<Ports>;
  /** By the user: in use is an error. */
  readonly demanded: Partial<Ports>;
}

/** A port for each door. One that is taken by another program is replaced by a free one, and that is said. */
export async function choosePorts({ usual, remembered, demanded }: PortWishes, moved: (line: string) => void): Promise<Ports> {
  const chosen = new Map<Door, number>();
  for (const door of doors) {
    const own = demanded[door];
    if (own !== undefined) await requireFreePort(own, door);
    const wanted = own ?? remembered[door] ?? (usual === 'fixed' ? usualPorts[door] : undefined);
    const taken = new Set(chosen.values());
    if (wanted !== undefined && !taken.has(wanted) && (await isFree(wanted))) chosen.set(door, wanted);
    else chosen.set(door, await anotherPort(taken));
    if (wanted !== undefined && chosen.get(door) !== wanted)
      moved(`${door}: port ${wanted} is in use by another program, it takes ${chosen.get(door)}`);
  }
  return Object.fromEntries(chosen) as Ports;
}

async function anotherPort(taken: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const port = await findFreePort();
    if (!taken.has(port)) return port;
  }
}
