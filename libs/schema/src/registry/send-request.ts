import { Agent, request } from 'node:https';

export interface RegistryTls {
  /** Authorities that are trusted; null: those of the system. */
  readonly ca: Buffer | null;
  /** What is shown. */
  readonly identity: { readonly cert: Buffer; readonly key: Buffer } | null;
}

export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly timeoutMs: number;
}

export interface Received {
  readonly status: number;
  readonly text: string;
}

export type Send = (sent: Sent) => Promise<Received>;

/** As the system trusts, or by certificates of one's own: `fetch` knows no such thing. */
export function senderOf(url: string, tls: RegistryTls | null): Send {
  return tls === null || !url.startsWith('https:') ? sendByFetch : sendWith(agentOf(tls));
}

async function sendByFetch({ method, url, headers, body, timeoutMs }: Sent): Promise<Received> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, { method, headers, signal, ...(body === null ? {} : { body }) });
  return { status: response.status, text: await response.text() };
}

function agentOf({ ca, identity }: RegistryTls): Agent {
  return new Agent({ keepAlive: true, ...(ca === null ? {} : { ca }), ...identity });
}

function sendWith(agent: Agent): Send {
  return ({ method, url, headers, body, timeoutMs }) => {
    const { promise, resolve, reject } = Promise.withResolvers<Received>();
    const sending = request(url, { method, headers, agent, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      response.on('error', reject);
    });
    sending.on('error', reject);
    sending.end(body ?? undefined);
    return promise;
  };
}
