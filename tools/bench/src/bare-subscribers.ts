import { connect } from 'node:net';
import mqtt from 'mqtt';
import mqttPacket from 'mqtt-packet';

export const benchFilter = 'bench/#';
export const window = 1_024;

/** A subscriber that stands: QoS 1, MQTT 5, everything acknowledged. */
export interface Subscriber {
  /** Publishes received, stored where there is a store, and acknowledged. */
  count(): number;
  close(): Promise<void>;
}

export async function openMqttJs(port: number): Promise<Subscriber> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    protocolVersion: 5,
    properties: { receiveMaximum: window },
  });
  let received = 0;
  client.on('message', () => {
    received += 1;
  });
  await client.subscribeAsync(benchFilter, { qos: 1 });
  return { count: () => received, close: () => client.endAsync() };
}

export async function openBareParser(port: number): Promise<Subscriber> {
  const parser = mqttPacket.parser({ protocolVersion: 5 });
  const subscribed = Promise.withResolvers<void>();
  let received = 0;
  const socket = connect(port, '127.0.0.1', () => {
    const properties = { receiveMaximum: window };
    const hello = {
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 5,
      clientId: 'bench-bare',
      clean: true,
      keepalive: 0,
    } as const;
    socket.write(mqttPacket.generate({ ...hello, properties }));
  });
  socket.on('data', (chunk) => parser.parse(chunk));
  parser.on('packet', (packet) => {
    if (packet.cmd === 'connack') {
      const subscriptions = [{ topic: benchFilter, qos: 1 as const, nl: false, rap: false, rh: 0 }];
      socket.write(mqttPacket.generate({ cmd: 'subscribe', messageId: 1, subscriptions }, { protocolVersion: 5 }));
    } else if (packet.cmd === 'suback') subscribed.resolve();
    else if (packet.cmd === 'publish') {
      received += 1;
      socket.write(mqttPacket.generate({ cmd: 'puback', messageId: packet.messageId ?? 0 }, { protocolVersion: 5 }));
    }
  });
  await subscribed.promise;
  return { count: () => received, close: async () => void socket.destroy() };
}
