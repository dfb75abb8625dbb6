import { type PlatformRecord, readRunningRecord } from '../platform/platform-record.ts';
import type { ServiceName } from '../platform/service-list.ts';
import { notRunning } from './problems.ts';

/** Where the parts of a platform are: by the environment, else of the one that runs on this machine. */
export interface Addresses {
  /** Null: no platform of this machine runs in the folder. */
  readonly platform: PlatformRecord | null;
  readonly kafka: string;
  readonly registry: string;
  /** gRPC; PENSTOCK_MODEL_SERVER and the like name services elsewhere. */
  service(name: ServiceName): string;
  /** Of a variable that documents refer to, such as MQTT_URL. Throws when it is set nowhere. */
  variable(name: string): string;
}

export function readAddresses({ env, folder }: { readonly env: NodeJS.ProcessEnv; readonly folder: string }): Addresses {
  const platform = readRunningRecord(folder);
  const variable = (name: string): string => {
    const found = env[name] || platform?.env[name];
    if (found) return found;
    throw notRunning(`no platform runs in ${folder}: \`penstock up\` starts one, or ${name} names one elsewhere`);
  };
  return {
    platform,
    get kafka() {
      return variable('PENSTOCK_KAFKA');
    },
    get registry() {
      return variable('PENSTOCK_REGISTRY');
    },
    service(name) {
      const own = name === 'schema-gateway' ? 'PENSTOCK_GATEWAY' : `PENSTOCK_${name.replace('-', '_').toUpperCase()}`;
      return platform?.services[name] !== undefined && !env[own] ? platform.services[name].grpc : variable(own);
    },
    variable,
  };
}
