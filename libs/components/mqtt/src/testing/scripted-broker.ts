import { createServer, type Socket } from 'node:net';
import mqttPacket, { type Packet } from 'mqtt-packet';

/** One client's connection to a scripted broker. */
export interface ScriptedPeer {
  readonly packets: Packet[];
  readonly socket: Socket;
  send(packet: Packet): void;
}

export interface ScriptedBroker extends AsyncDisposable {
  readonly url: string;
  readonly peers: ScriptedPeer[];
}

export interface Script {
  readonly protocolVersion?: 4 | 5;
  /** Answers one packet; what is not answered here stays unanswered. */
  answer(packet: Packet, peer: ScriptedPeer): void;
}

/** A broker that says exactly what a test wants, for the answers that no real broker can be made to give at will. */
export async function openScriptedBroker({ protocolVersion = 5, answer }: Script): Promise<ScriptedBroker> {
  const peers: ScriptedPeer[] = [];
  const server = createServer((socket) => {
    const parser = mqttPacket.parser({ protocolVersion });
    const send = (packet: Packet): void => void socket.write(mqttPacket.generate(packet, { protocolVersion }));
    const peer: ScriptedPeer = { packets: [], socket, send };
    peers.push(peer);
    parser.on('packet', (packet) => {
      peer.packets.push(packet);
      answer(packet, peer);
    });
    socket.on('data', (chunk) => parser.parse(chunk));
    socket.on('error', () => undefined);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `mqtt://127.0.0.1:${port}`,
    peers,
    async [Symbol.asyncDispose]() {
      for (const { socket } of peers) socket.destroy();
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      await closed.promise;
    },
  };
}

/** CONNACK, SUBACK and PINGRESP as every broker gives them; `publish` comes in between, right after CONNACK. */
export function politeAnswer(packet: Packet, peer: ScriptedPeer, { sessionPresent = false, version = 5 } = {}): void {
  const code = version === 5 ? { reasonCode: 0 } : { returnCode: 0 };
  if (packet.cmd === 'connect') peer.send({ cmd: 'connack', sessionPresent, ...code });
  if (packet.cmd === 'subscribe') {
    peer.send({ cmd: 'suback', messageId: packet.messageId ?? 1, granted: packet.subscriptions.map(({ qos }) => qos) });
  }
  if (packet.cmd === 'pingreq') peer.send({ cmd: 'pingresp' });
}

export function publishOf(messageId: number, payload: string, topic = 'rooms/1'): Packet {
  return { cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, messageId };
}
