import { health, stages } from '@penstock/contracts';
import { Problem } from '@penstock/kernel';
import { createGrpcClient } from '@penstock/service';
import type { Addresses } from '../command-line/addresses.ts';
import { grpcOptions } from '../command-line/grpc-options.ts';
import { type ServiceName, serviceNames } from '../platform/service-list.ts';

/** One service, as it answers now. */
export interface ServiceReading {
  readonly service: ServiceName;
  readonly address: string;
  /** What its health says, or the code of the problem in asking. */
  readonly health: string;
  readonly stages: readonly stages.StageStatus[];
}

const withStages: readonly ServiceName[] = ['mqtt-ingestor', 'preprocessor', 'model-server', 'sink-dispatcher'];

/** Asks all services that have an address, side by side. One that does not answer is told by its health. */
export function readServices(addresses: Addresses, env: NodeJS.ProcessEnv, pipeline: string): Promise<ServiceReading[]> {
  const known = serviceNames.flatMap((service) => {
    const address = addressOf(addresses, service);
    return address === null ? [] : [{ service, address }];
  });
  return Promise.all(known.map((at) => readService(at, env, pipeline)));
}

/** A platform may run without some of them. */
function addressOf(addresses: Addresses, service: ServiceName): string | null {
  try {
    return addresses.service(service);
  } catch (thrown) {
    if (addresses.platform === null && service === 'schema-gateway') throw thrown;
    return null;
  }
}

async function readService(
  { service, address }: Pick<ServiceReading, 'service' | 'address'>,
  env: NodeJS.ProcessEnv,
  pipeline: string,
): Promise<ServiceReading> {
  using doctor = createGrpcClient(health.HealthClient, address, grpcOptions(env));
  using client = createGrpcClient(stages.StagesServiceClient, address, grpcOptions(env));
  try {
    const [{ status }, listed] = await Promise.all([
      doctor.check({ service: '' }),
      withStages.includes(service) ? client.listStages({ pipeline }) : { stages: [] },
    ]);
    return {
      service,
      address,
      health: health.healthCheckResponse_ServingStatusToJSON(status).toLowerCase(),
      stages: listed.stages,
    };
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    return { service, address, health: thrown.code, stages: [] };
  }
}

/** `STAGE_STATE_FLOWING` is `flowing`. */
export function stateOf({ state }: stages.StageStatus): string {
  return stages.stageStateToJSON(state).replace('STAGE_STATE_', '').toLowerCase();
}

export function totalOf(numbers: ReadonlyMap<string, bigint>): number {
  return [...numbers.values()].reduce((sum, value) => sum + Number(value), 0);
}
