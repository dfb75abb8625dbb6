import { readAddresses } from '../command-line/addresses.ts';
import type { Call, Options } from '../command-line/command.ts';
import { gatewayOptions } from '../command-line/grpc-options.ts';
import { wrongUsage } from '../command-line/problems.ts';
import { createGrpcDoor } from './grpc-door.ts';
import { accessTo } from './registry-access.ts';
import type { RegistryDoor } from './registry-door.ts';
import { createRestDoor } from './rest-door.ts';

/** The option of every command that asks a registry. */
export const registryOption = {
  registry: {
    type: 'string',
    value: 'url',
    says: "any registry that speaks Confluent's REST API; else the gateway of the platform",
  },
  login: {
    type: 'boolean',
    says: 'log in at --registry as the environment says, although PENSTOCK_REGISTRY names another address',
  },
} as const satisfies Options;

/** The gateway's own door, or that of the registry that `--registry` names. */
export function openDoor({ values, env, folder, output }: Call<typeof registryOption>): RegistryDoor {
  const { registry, login: isTrusted } = values;
  if (registry === undefined)
    return createGrpcDoor(readAddresses({ env, folder }).service('schema-gateway'), gatewayOptions(env));
  if (!/^https?:/.test(registry) || !URL.canParse(registry))
    throw wrongUsage(`--registry: expected a URL such as http://localhost:8081, got ${JSON.stringify(registry)}`);
  const access = accessTo(registry, { env, folder, isTrusted });
  if (access.withheld.length > 0) output.tell(withheldFrom(registry, access.withheld));
  return createRestDoor(registry, access);
}

function withheldFrom(registry: string, names: readonly string[]): string {
  const { origin } = new URL(registry);
  return `${names.join(', ')}: not sent to ${origin}, which PENSTOCK_REGISTRY does not name; --login sends it`;
}
