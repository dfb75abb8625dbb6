import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from '@jest/globals';
import fastify from 'fastify';
import { endUnused } from './unused-connections.ts';

test('a connection on which nothing was asked does not keep a server from closing, one that waits for its answer does', async () => {
  const app = fastify({ forceCloseConnections: 'idle' } as object);
  endUnused(app);
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<string>();
  app.get('/', () => {
    asked.resolve();
    return answer.promise;
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const unused = connect(port, '127.0.0.1');
  await once(unused.resume(), 'connect');
  const waiting = fetch(`http://127.0.0.1:${port}/`);
  await asked.promise;
  const closed = app.close();
  await once(unused, 'close');
  answer.resolve('there');
  expect(await (await waiting).text()).toBe('there');
  await closed;
});
