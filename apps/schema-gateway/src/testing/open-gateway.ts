import { openService } from '@penstock/service';
import { brokers, randomName } from '@penstock/testing';
import { schemaGateway } from '../service.ts';

export interface TestedGateway extends AsyncDisposable {
  /** Of the REST API. */
  readonly url: string;
  /** `host:port` of gRPC. */
  readonly address: string;
  /** Lines of the log, as they were written. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  drain(): Promise<boolean>;
}

/** Names of topics that no other test uses; hand them on to a second gateway to see what the first one wrote. */
export function ownTopics(): NodeJS.ProcessEnv {
  return {
    PENSTOCK_SCHEMAS_TOPIC: randomName('_schemas'),
    PENSTOCK_KEYS_TOPIC: randomName('_dek_registry_keys'),
    PENSTOCK_PIPELINES_TOPIC: randomName('pipelines'),
    PENSTOCK_MODELS_TOPIC: randomName('models'),
    PENSTOCK_AUDIT_TOPIC: randomName('audit'),
  };
}

/** A whole gateway in this process, on the real broker. */
export async function openGateway(env: NodeJS.ProcessEnv = ownTopics()): Promise<TestedGateway> {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const service = await openService(schemaGateway, { env: { PENSTOCK_KAFKA: brokers().kafka, ...env }, write });
  const ready = lines.find(({ event }) => event === 'service.ready') ?? {};
  return {
    url: String(ready['rest']),
    address: service.address,
    lines,
    drain: () => service.drain(),
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

export interface RestAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly body: unknown;
}

export interface RestQuestion {
  /** Sent as JSON, unless it is a string. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One question over REST: `GET /subjects`. */
export async function ask(url: string, line: string, { body, headers = {} }: RestQuestion = {}): Promise<RestAnswer> {
  const [method = 'GET', path = '/'] = line.split(' ');
  const type = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
  const sent = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url + path, {
    method,
    headers: { ...(body === undefined ? {} : type), ...headers },
    ...(body === undefined ? {} : { body: sent }),
  });
  const text = await response.text();
  return { status: response.status, type: response.headers.get('content-type') ?? '', text, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
