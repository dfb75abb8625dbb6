import { type GrpcClientOptions, readTls } from '@penstock/service';

/** How services are asked: TLS by the same variables as between services; who asks from a terminal does not want to wait long. */
export function grpcOptions(env: NodeJS.ProcessEnv): GrpcClientOptions {
  const { PENSTOCK_TLS_CERT: tlsCert, PENSTOCK_TLS_KEY: tlsKey, PENSTOCK_TLS_CA: tlsCa } = env;
  return { tls: readTls({ tlsCert, tlsKey, tlsCa }), deadlineMs: 5_000, retries: 1 };
}
