import { authorizationOf, type Login } from '@penstock/kernel';
import { type GrpcClientOptions, readTls } from '@penstock/service';

/** How services are asked: TLS by the same variables as between services; who asks from a terminal does not want to wait long. */
export function grpcOptions(env: NodeJS.ProcessEnv): GrpcClientOptions {
  const { PENSTOCK_TLS_CERT: tlsCert, PENSTOCK_TLS_KEY: tlsKey, PENSTOCK_TLS_CA: tlsCa } = env;
  return { tls: readTls({ tlsCert, tlsKey, tlsCa }), deadlineMs: 5_000, retries: 1 };
}

/** How the gateway is asked: it wants to know who asks. */
export function gatewayOptions(env: NodeJS.ProcessEnv): GrpcClientOptions {
  return { ...grpcOptions(env), authorization: () => authorizationOf(registryLogin(env)) };
}

/** The login at a registry, by the same variables as those of services. */
export function registryLogin(env: NodeJS.ProcessEnv): Login {
  return {
    user: env['PENSTOCK_REGISTRY_USER'] || undefined,
    password: env['PENSTOCK_REGISTRY_PASSWORD'] || undefined,
    passwordFile: env['PENSTOCK_REGISTRY_PASSWORD_FILE'] || undefined,
    token: env['PENSTOCK_REGISTRY_TOKEN'] || undefined,
    tokenFile: env['PENSTOCK_REGISTRY_TOKEN_FILE'] || undefined,
  };
}
