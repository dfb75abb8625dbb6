import { health as api } from '@penstock/contracts';
import { Bell } from '@penstock/kernel';
import { type GrpcHandlers, serverStream, unary } from './grpc/handlers.ts';
import type { GrpcDoor } from './grpc/server.ts';
import { unknownHealth } from './problems.ts';

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = api.HealthCheckResponse_ServingStatus;

/** What a service says of itself under a name: '' is the readiness of its own doors, `stage/<pipeline>/<stage>` progress. */
export class Health {
  readonly #serving = new Map<string, boolean>();
  readonly #watches = new Set<Bell>();

  set(name: string, serving: boolean): void {
    if (this.#serving.get(name) === serving) return;
    this.#serving.set(name, serving);
    for (const watch of this.#watches) watch.ring();
  }

  /** Nobody is to be told of this name any more. */
  forget(name: string): void {
    this.#serving.delete(name);
    for (const watch of this.#watches) watch.ring();
  }

  isServing(name: string): boolean {
    return this.#serving.get(name) === true;
  }

  /** Answers the standard health check of gRPC. */
  serve(door: GrpcDoor): void {
    const handlers: GrpcHandlers<typeof api.HealthService> = {
      check: unary(async ({ service }: api.HealthCheckRequest) => {
        const status = this.#statusOf(service);
        if (status === SERVICE_UNKNOWN) throw unknownHealth(`nobody has set the health of ${JSON.stringify(service)}`);
        return { status };
      }),
      watch: serverStream(({ service }: api.HealthCheckRequest, { signal }) => this.#watch(service, signal)),
      list: unary(async () => ({
        statuses: new Map([...this.#serving.keys()].map((name) => [name, { status: this.#statusOf(name) }])),
      })),
    };
    door.add(api.HealthService, handlers, true);
  }

  async *#watch(name: string, signal: AbortSignal): AsyncGenerator<api.HealthCheckResponse> {
    const bell = new Bell();
    const ring = (): void => bell.ring();
    signal.addEventListener('abort', ring, { once: true });
    this.#watches.add(bell);
    try {
      let told: api.HealthCheckResponse_ServingStatus | null = null;
      while (!signal.aborted) {
        const status = this.#statusOf(name);
        if (status !== told) yield { status };
        told = status;
        await bell.wait();
      }
    } finally {
      this.#watches.delete(bell);
      signal.removeEventListener('abort', ring);
    }
  }

  #statusOf(name: string): api.HealthCheckResponse_ServingStatus {
    const serving = this.#serving.get(name);
    if (serving === undefined) return SERVICE_UNKNOWN;
    return serving ? SERVING : NOT_SERVING;
  }
}
