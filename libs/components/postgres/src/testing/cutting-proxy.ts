import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What happens to the next commit that passes. */
export type Cut = 'before it arrives' | 'after it is answered';

/** A network between a client and a real server, which breaks at the worst moments. */
export interface CuttingProxy extends AsyncDisposable {
  /** The server's URL, by way of this proxy. */
  readonly url: string;
  /** Breaks the connection at the next commit. */
  cutNext(cut: Cut): void;
  /** Commits that were cut, by how. */
  readonly cuts: Readonly<Record<Cut, number>>;
}

const commit = Buffer.from('commit\0');

export async function openCuttingProxy(serverUrl: string): Promise<CuttingProxy> {
  const target = new URL(serverUrl);
  const cuts = { 'before it arrives': 0, 'after it is answered': 0 };
  const sockets = new Set<Socket>();
  let due: Cut | null = null;

  const join = (client: Socket): void => {
    const server = connect(Number(target.port), target.hostname);
    let cutting = false;
    const sever = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', sever).on('close', () => {
        sockets.delete(socket);
        sever();
      });
    }
    client.on('data', (bytes) => {
      if (due !== null && bytes.includes(commit)) {
        cuts[due] += 1;
        cutting = true;
        if (due === 'before it arrives') sever();
        due = null;
      }
      if (!server.destroyed) server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (cutting) sever();
      else client.write(bytes);
    });
  };

  const listener = createServer(join).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const url = new URL(serverUrl);
  url.port = String((listener.address() as AddressInfo).port);
  return {
    url: url.href,
    cuts,
    cutNext: (cut) => {
      due = cut;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
