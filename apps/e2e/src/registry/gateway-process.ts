import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findFreePort } from '@penstock/brokers';
import { until } from '@penstock/testing';

const program = join(import.meta.dirname, '../../../schema-gateway/src/main.ts');
const readyMsMax = 60_000;

interface ReadyLine {
  readonly event: string;
  readonly grpc?: string;
  readonly rest?: string;
}

/** A schema gateway as a process of its own, at addresses that it keeps when it is killed and started again. */
export class GatewayProcess implements AsyncDisposable {
  readonly name: string;
  readonly url: string;
  /** `host:port` of gRPC and health. */
  readonly grpc: string;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | null = null;
  #frozen = false;
  #strikes = 0;

  private constructor(name: string, { restPort, grpcPort }: { restPort: number; grpcPort: number }, env: NodeJS.ProcessEnv) {
    this.name = name;
    this.url = `http://127.0.0.1:${restPort}`;
    this.grpc = `127.0.0.1:${grpcPort}`;
    this.#env = { ...process.env, ...env, PENSTOCK_REST_PORT: String(restPort), PENSTOCK_GRPC_PORT: String(grpcPort) };
  }

  /** Resolves when it is ready. */
  static async open(name: string, env: NodeJS.ProcessEnv): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(name, { restPort: await findFreePort(), grpcPort: await findFreePort() }, env);
    await gateway.start();
    return gateway;
  }

  /** How often it was killed, frozen or woken: a question during which this changed was not answered as by a living one. */
  get strikes(): number {
    return this.#strikes;
  }

  /** It runs, and is not frozen. */
  get isAwake(): boolean {
    return this.#child !== null && !this.#frozen;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [program], { env: this.#env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    let isReady = false;
    createInterface(child.stdout).on('line', (line) => {
      isReady ||= (JSON.parse(line) as ReadyLine).event === 'service.ready';
    });
    const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
    await until(() => isReady || hasEnded(), { deadlineMs: readyMsMax, what: `gateway ${this.name} to be ready` });
    if (!isReady) throw new Error(`gateway ${this.name} ended with code ${child.exitCode} before it was ready`);
  }

  freeze(): void {
    this.#strikes += 1;
    this.#frozen = true;
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#strikes += 1;
    this.#frozen = false;
    this.#child?.kill('SIGCONT');
  }

  /** Resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    this.#frozen = false;
    this.#strikes += 1;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
