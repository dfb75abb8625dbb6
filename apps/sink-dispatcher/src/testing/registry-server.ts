import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A registry as far as readers ask it: schemas by their ids, over Confluent's REST. */
export async function openRegistryServer(schemas: ReadonlyMap<number, string>): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((request, response) => {
    const id = Number(/^\/schemas\/ids\/(\d+)$/.exec(request.url ?? '')?.[1]);
    const schema = schemas.get(id);
    response.writeHead(schema === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(schema === undefined ? { error_code: 40_403, message: 'unknown' } : { schema, schemaType: 'PROTOBUF' }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
