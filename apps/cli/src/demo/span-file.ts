import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';

/** Takes the place of a collector: whatever services export as spans is a line of OTLP's JSON in a file. */
export interface SpanFile extends AsyncDisposable {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT, with the protocol `http/json`. */
  readonly endpoint: string;
  readonly file: string;
  readonly requests: number;
}

const bodyBytesMax = 16_777_216;
const fileBytesMax = 268_435_456;

export async function openSpanFile(file: string): Promise<SpanFile> {
  mkdirSync(dirname(file), { recursive: true });
  const lines = createWriteStream(file, { flags: 'a' });
  let requests = 0;
  const server = createServer((request, response) => {
    void take(request, response).then((body) => {
      if (body === null || request.url !== '/v1/traces' || lines.bytesWritten > fileBytesMax) return;
      requests += 1;
      lines.write(`${body}\n`);
    });
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    file,
    get requests() {
      return requests;
    },
    [Symbol.asyncDispose]: () => close(server, lines),
  };
}

/** The body of a request in one piece; null when it is none of ours. Every exporter is told that all is well. */
async function take(request: IncomingMessage, response: ServerResponse): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= bodyBytesMax) chunks.push(chunk);
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  return bytes > bodyBytesMax ? null : Buffer.concat(chunks).toString('utf8').replaceAll('\n', ' ');
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}

async function close(server: Server, lines: WriteStream): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await new Promise<void>((resolve) => lines.end(() => resolve()));
}
