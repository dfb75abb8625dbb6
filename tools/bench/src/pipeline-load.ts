import { connect } from 'node:net';
import mqttPacket from 'mqtt-packet';

/**
 * Publishes distinct readings over MQTT 3.1.1 with QoS 1, at a rate or as fast as the broker acknowledges, at most 1,000 without
 * their PUBACK. Arguments: port, first sequence number, readings, readings a second (0: as fast as possible). Ends after the last
 * PUBACK.
 */
const [port, firstSequence, readings, ratePerSecond] = process.argv.slice(2).map(Number) as [number, number, number, number];
const rooms = 100;
const inFlightMax = 1_000;
const paceMs = 5;
const pubackBytes = 4;
const connackBytes = 4;

let sent = 0;
let receivedBytes = -connackBytes;
const startedMs = performance.now();
const socket = connect(port, '127.0.0.1', () => {
  const hello = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: `load-${process.pid}` } as const;
  socket.write(mqttPacket.generate({ ...hello, clean: true, keepalive: 0 }));
});
socket.setNoDelay(true);
socket.on('data', (chunk) => {
  receivedBytes += chunk.length;
  if (receivedBytes >= readings * pubackBytes) return finish();
  if (ratePerSecond === 0) publishDue();
});
if (ratePerSecond > 0) setInterval(publishDue, paceMs).unref();

function publishDue(): void {
  if (receivedBytes < 0) return;
  const due = ratePerSecond === 0 ? readings : Math.floor(((performance.now() - startedMs) * ratePerSecond) / 1_000);
  const acknowledged = Math.floor(receivedBytes / pubackBytes);
  const until = Math.min(readings, due, acknowledged + inFlightMax);
  if (until <= sent) return;
  socket.cork();
  for (; sent < until; sent += 1) socket.write(publishOf(sent));
  socket.uncork();
}

function publishOf(index: number): Buffer {
  const room = index % rooms;
  const wave = Math.sin(index / 1_000);
  const reading = {
    deviceId: `west-${room}`,
    sequence: firstSequence + Math.floor(index / rooms),
    observedAtMs: Date.now(),
    temperatureC: 21 + Math.round(wave * 200) / 100,
    humidityPct: 40 + (index % 700) / 100,
    lightLux: 300 + (index % 997) / 10,
    co2Ppm: 600 + Math.round(wave * 20_000) / 100,
  };
  const topic = `building/west/room/${room}/reading`;
  const messageId = (index % 65_535) + 1;
  return mqttPacket.generate({
    cmd: 'publish',
    topic,
    payload: JSON.stringify(reading),
    qos: 1,
    dup: false,
    retain: false,
    messageId,
  });
}

/** Tells the processor seconds that the load itself has taken. */
function finish(): void {
  const { user, system } = process.cpuUsage();
  console.log((user + system) / 1e6);
  socket.end();
}
