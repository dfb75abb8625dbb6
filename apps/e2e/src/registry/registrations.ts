import { systemClock } from '@penstock/kernel';
import type { GatewayProcess } from './gateway-process.ts';

/** One new schema, and what its author was told about it. */
export interface Registration {
  readonly subject: string;
  readonly schema: string;
  readonly begunMs: number;
  /** The id that it was answered with; null: no answer yet. */
  id: number | null;
  /** When it was answered, and by whom. */
  answeredMs: number;
  answeredBy: string;
  /** Answers of 5xx, connections that broke and questions that nobody answered in time. */
  failures: number;
}

/** One question to one gateway. */
interface Asking {
  readonly gateway: GatewayProcess;
  readonly sinceMs: number;
  /** Of the gateway, when it was asked. */
  readonly strikes: number;
}

export interface RegistrationsOptions {
  readonly gateways: readonly GatewayProcess[];
  readonly perSecond: number;
  readonly subjects: number;
  /** How long an author waits before asking elsewhere. */
  readonly answerMsMax: number;
}

/**
 * Authors who register new schemas at a steady rate, each at the next gateway, whether earlier ones have their answer or not. What is
 * not answered with 200 is asked again, of the next gateway, until it is: so a registration that may have happened is resolved.
 */
export class Registrations {
  readonly all: Registration[] = [];
  /** Answers that no author should get: not 200 and not 5xx. */
  readonly refusals: string[] = [];
  /** The longest that a gateway which was neither killed nor frozen let an author wait. */
  longestWaitMs = 0;
  readonly #options: RegistrationsOptions;
  readonly #asking = new Set<Asking>();
  readonly #ending = new AbortController();
  readonly #loop: Promise<void>;

  constructor(options: RegistrationsOptions) {
    this.#options = options;
    this.#loop = this.#run();
  }

  get acknowledged(): number {
    return this.all.filter(({ id }) => id !== null).length;
  }

  get failures(): number {
    return this.all.reduce((sum, { failures }) => sum + failures, 0);
  }

  /** Questions that this gateway has not answered yet. */
  waitingFor(gateway: GatewayProcess): number {
    return [...this.#asking].filter((asking) => asking.gateway === gateway).length;
  }

  /** The gateway whose write was answered last: of those that share a fence, the one that holds it. */
  get writer(): GatewayProcess | undefined {
    const last = this.all.reduce<Registration | null>(
      (latest, each) => (each.answeredMs > (latest?.answeredMs ?? 0) ? each : latest),
      null,
    );
    return this.#options.gateways.find(({ name }) => name === last?.answeredBy);
  }

  /** No new ones; resolves when all have their answer. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const startMs = performance.now();
    const under: Promise<void>[] = [];
    for (let index = 0; !this.#ending.signal.aborted; index += 1) {
      under.push(this.#register(index));
      const dueMs = startMs + ((index + 1) * 1_000) / this.#options.perSecond;
      await systemClock.sleep(Math.max(0, dueMs - performance.now()), this.#ending.signal);
    }
    await Promise.all(under);
  }

  async #register(index: number): Promise<void> {
    const { gateways, subjects } = this.#options;
    const registration: Registration = {
      subject: `subject-${index % subjects}`,
      schema: schemaOf(index),
      begunMs: performance.now(),
      ...{ id: null, answeredMs: 0, answeredBy: '', failures: 0 },
    };
    this.all.push(registration);
    for (let turn = index; registration.id === null; turn += 1) {
      const gateway = gateways[turn % gateways.length] as GatewayProcess;
      if (await this.#ask(gateway, registration)) continue;
      registration.failures += 1;
      await systemClock.sleep(50);
    }
  }

  /** False when there is no answer that settles it. */
  async #ask(gateway: GatewayProcess, registration: Registration): Promise<boolean> {
    const asking = { gateway, sinceMs: performance.now(), strikes: gateway.strikes };
    this.#asking.add(asking);
    try {
      const { status, text } = await post(gateway.url, registration, this.#options.answerMsMax);
      if (status !== 200 && status < 500) this.refusals.push(`${status} ${text.slice(0, 200)}`);
      if (status !== 200) return false;
      registration.id = (JSON.parse(text) as { id: number }).id;
      registration.answeredMs = performance.now();
      registration.answeredBy = gateway.name;
      return true;
    } catch {
      return false;
    } finally {
      this.#asking.delete(asking);
      this.#noteWait(asking);
    }
  }

  #noteWait({ gateway, sinceMs, strikes }: Asking): void {
    if (gateway.isAwake && gateway.strikes === strikes)
      this.longestWaitMs = Math.max(this.longestWaitMs, performance.now() - sinceMs);
  }
}

/** Any two of them go together, so that their order does not matter. */
function schemaOf(index: number): string {
  return JSON.stringify({ type: 'record', name: 'Reading', fields: [{ name: `value${index}`, type: 'int', default: 0 }] });
}

async function post(
  url: string,
  { subject, schema }: Registration,
  answerMsMax: number,
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema }),
    signal: AbortSignal.timeout(answerMsMax),
  });
  return { status: response.status, text: await response.text() };
}
