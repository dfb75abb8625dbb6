import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from '@jest/globals';
import fastify from 'fastify';
import { endUnused } from './unused-connections.ts';

test('a connection on which nothing was asked does not keep a server from closing', async () => {
  const app = fastify({ forceCloseConnections: 'idle' } as object);
  endUnused(app);
  app.get('/', async () => 'there');
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const used = await fetch(`http://127.0.0.1:${port}/`);
  expect(await used.text()).toBe('there');
  const accepted = once(app.server, 'connection');
  connect(port, '127.0.0.1')
    .on('error', () => undefined)
    .resume();
  await accepted;
  await app.close();
});
