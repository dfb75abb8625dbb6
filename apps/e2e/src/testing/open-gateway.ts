import { schemaGateway } from '@penstock/schema-gateway';
import { openService } from '@penstock/service';
import { brokers, randomName } from '@penstock/testing';

export interface TestedGateway extends AsyncDisposable {
  /** Of the REST API. */
  readonly url: string;
  /** `host:port` of gRPC. */
  readonly address: string;
}

/** A gateway in this process, on the real broker, with topics that no other test uses unless `given` names them. */
export async function openGateway(given: NodeJS.ProcessEnv = {}): Promise<TestedGateway> {
  const lines: string[] = [];
  const names = ['SCHEMAS', 'KEYS', 'PIPELINES', 'MODELS'].map((name) => [
    `PENSTOCK_${name}_TOPIC`,
    randomName(name.toLowerCase()),
  ]);
  const env = { PENSTOCK_KAFKA: brokers().kafka, ...Object.fromEntries(names), ...given };
  const service = await openService(schemaGateway, { env, write: (line) => void lines.push(line) });
  const ready = lines.map((line) => JSON.parse(line) as { event: string; rest?: string });
  const url = ready.find(({ event }) => event === 'service.ready')?.rest ?? '';
  return { url, address: service.address, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() };
}
