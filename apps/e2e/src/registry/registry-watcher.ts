import { health } from '@penstock/contracts';
import { systemClock } from '@penstock/kernel';
import { createGrpcClient } from '@penstock/service';
import type { GatewayProcess } from './gateway-process.ts';
import type { ListedVersion, Listing } from './registry-audit.ts';

const lookMs = 50;
const answerMs = 500;
const unreadyMsMax = 5_000;
const asked = 32;
const { SERVING } = health.HealthCheckResponse_ServingStatus;

/** True when a gateway says that it answers what is stored. Silence means no. */
export async function isReading({ grpc }: GatewayProcess): Promise<boolean> {
  using client = createGrpcClient(health.HealthClient, grpc, { deadlineMs: answerMs, retries: 0 });
  const answer = await client.check({ service: 'schemas' }).catch(() => null);
  return answer?.status === SERVING;
}

/** Seconds since a moment until no gateway says so any more; null: not within the time. */
export async function untilNoneReads(gateways: readonly GatewayProcess[], sinceMs: number): Promise<number | null> {
  while (performance.now() - sinceMs < unreadyMsMax) {
    const atMs = performance.now();
    if (!(await Promise.all(gateways.map(isReading))).includes(true)) return (atMs - sinceMs) / 1_000;
    await systemClock.sleep(lookMs);
  }
  return null;
}

/** All that one gateway says of its schemas: the list, and the text under each id by itself. */
export async function listSchemas({ name, url }: GatewayProcess): Promise<Listing> {
  const versions = (await (await fetch(`${url}/schemas`)).json()) as ListedVersion[];
  const ids = [...new Set(versions.map(({ id }) => id))];
  const texts = new Map<number, string>();
  const ask = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      const response = await fetch(`${url}/schemas/ids/${id}`);
      texts.set(id, ((await response.json()) as { schema: string }).schema);
    }
  };
  await Promise.all(Array.from({ length: asked }, ask));
  return { gateway: name, versions, texts };
}
