import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Ends connections that nobody has asked anything on when the server closes: clients open some to spare, and Node counts only those as idle
 * that were used once.
 */
export function endUnused(app: FastifyInstance): void {
  const unused = new Map<string, Socket>();
  app.server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    unused.set(name, socket);
    socket.once('close', () => unused.delete(name));
  });
  app.server.on('request', ({ socket }: { socket: Socket }) => {
    if (unused.size > 0) unused.delete(nameOf(socket));
  });
  app.addHook('preClose', async () => {
    for (const socket of unused.values()) socket.destroy();
  });
}

/** With TLS the socket of a request is another object than that of its connection. */
function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
