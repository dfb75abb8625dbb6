import { connect } from 'node:net';
import mqttPacket from 'mqtt-packet';

/**
 * Publishes as fast as a broker takes it: the same packets over and over, written by the thousand, each thousand after the
 * PUBACKs of the last. Arguments: port, topic, publishes, payload bytes.
 */
const [port, topic = '', count, payloadBytes] = process.argv.slice(2);
const burst = 1_000;
const pubackBytes = 4;

const payload = Buffer.alloc(Number(payloadBytes), 'x');
const publishes = Buffer.concat(
  Array.from({ length: burst }, (_, index) =>
    mqttPacket.generate({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, messageId: index + 1 }),
  ),
);
const hello = mqttPacket.generate({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clientId: `load-${process.pid}`,
  clean: true,
  keepalive: 0,
});
const connackBytes = 4;

let sent = 0;
let awaited = connackBytes;
const socket = connect(Number(port), '127.0.0.1', () => socket.write(hello));
socket.on('data', (chunk) => {
  awaited -= chunk.length;
  if (awaited > 0) return;
  if (sent >= Number(count)) return void socket.end();
  sent += burst;
  awaited += burst * pubackBytes;
  socket.write(publishes);
});
