import { health } from '@penstock/contracts';
import { messageOf } from '@penstock/kernel';
import { baseConfig, readConfig } from './config.ts';
import { createGrpcClient } from './grpc/client.ts';
import { readTls } from './tls.ts';

/**
 * Asks the service that runs by the same environment how it is, for container engines that only run commands:
 * `node libs/service/src/probe.ts` ends with 0 while the doors are open. Needs a port that is not 0.
 */
async function isServing(env: NodeJS.ProcessEnv): Promise<boolean> {
  const config = readConfig(baseConfig, env);
  const plain = config.tlsClientAuth === 'require';
  const host = ['0.0.0.0', '::'].includes(config.grpcHost) ? '127.0.0.1' : config.grpcHost;
  const address = `${host}:${plain ? config.healthPort : config.grpcPort}`;
  using client = createGrpcClient(health.HealthClient, address, {
    deadlineMs: 3_000,
    retries: 0,
    tls: plain ? null : readTls(config),
  });
  const { status } = await client.check({ service: '' });
  return status === health.HealthCheckResponse_ServingStatus.SERVING;
}

try {
  process.exitCode = (await isServing(process.env)) ? 0 : 1;
} catch (thrown) {
  console.error(messageOf(thrown));
  process.exitCode = 1;
}
