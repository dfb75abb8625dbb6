import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { brokers, until } from '@penstock/testing';
import { connectBroker, cut, poolOf } from './kafkajs-connection.ts';

/** Kafka behind a door that counts who comes in, and may throw everybody out. */
async function openDoor(): Promise<{ port: number; entered: () => Promise<number>; throwOut: () => void } & AsyncDisposable> {
  const [host = '', port = ''] = brokers().kafka.split(':');
  const sockets = new Set<Socket>();
  const ports: number[] = [];
  let entered = 0;
  const server = createServer((socket) => {
    entered += 1;
    ports.push(socket.remotePort ?? 0);
    const beyond = connect(Number(port), host);
    for (const each of [socket, beyond]) {
      sockets.add(each);
      each.on('error', () => each.destroy()).on('close', () => sockets.delete(each));
    }
    socket.pipe(beyond).pipe(socket);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const throwOut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const { port: own } = server.address() as AddressInfo;
  return {
    port: own,
    /** Who comes in is seen in order: when somebody new is, all before are. */
    async entered() {
      const marker = connect(own, '127.0.0.1').on('error', () => undefined);
      await once(marker, 'connect');
      await until(() => ports.includes(marker.localPort ?? 0), { deadlineMs: 5_000, what: 'the door to see somebody' });
      marker.destroy();
      entered -= 1;
      return entered;
    },
    throwOut,
    async [Symbol.asyncDispose]() {
      throwOut();
      server.close();
    },
  };
}

test('several that find a connection broken open one, and none when the broker was let go', async () => {
  await using door = await openDoor();
  const timeouts = { connectTimeoutMs: 5_000, requestTimeoutMs: 5_000 };
  const options = { clientId: 'test', tls: null, sasl: null, ...timeouts };
  const broker = await connectBroker({ host: '127.0.0.1', port: door.port }, options);
  const pool = poolOf(broker) as unknown as { getConnection(): Promise<{ isConnected(): boolean }> };
  const connection = await pool.getConnection();
  expect(await door.entered()).toBe(1);
  door.throwOut();
  await until(() => !connection.isConnected(), { deadlineMs: 5_000, what: 'the end of the connection to be seen' });
  await Promise.all([pool.getConnection(), pool.getConnection(), pool.getConnection()]);
  expect(await door.entered()).toBe(2);
  await cut(broker);
  await expect(pool.getConnection()).rejects.toThrow('the driver is closed');
  expect(await door.entered()).toBe(2);
});
