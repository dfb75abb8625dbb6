import { join } from 'node:path';
import { findOrUnpack } from './debian.ts';
import type { Declaration, LocalPrograms, Log, Site } from './declaration.ts';
import { ask } from './dialogue.ts';

const configFile = 'mosquitto.conf';

/** Eclipse Mosquitto, set so that it keeps what it acknowledged. Its defaults do not. */
export const mosquitto: Declaration = {
  name: 'mosquitto',
  address: (port) => `mqtt://127.0.0.1:${port}`,
  files: (site) => ({ [configFile]: configuration(site) }),
  ready: answersConnect,
  stop: { signal: 'SIGTERM', deadlineMs: 10_000 },
  startDeadlineMs: 20_000,
  install,
  container: {
    image: 'eclipse-mosquitto:2.0.22',
    port: 1883,
    dataFolder: '/mosquitto/data',
    configFolder: '/mosquitto/config',
    env: {},
    args: () => [],
    healthy: ['mosquitto_sub', '-t', '$SYS/broker/version', '-C', '1', '-W', '3'],
  },
};

async function install(cacheFolder: string, log: Log): Promise<LocalPrograms> {
  const wanted = { program: 'mosquitto', package: 'mosquitto', downloadMegabytes: 11 };
  const program = await findOrUnpack(wanted, cacheFolder, log);
  return {
    format: async () => undefined,
    command: (site) => ({ ...program, args: ['-c', join(site.configFolder, configFile)] }),
  };
}

function configuration(site: Site): string {
  return `listener ${site.port} ${site.host}
allow_anonymous true
# Only heard when it is started by root, and then it must be able to write its data folder.
user root
log_dest stderr
set_tcp_nodelay true
# By default 1000 are queued for an absent session and the rest is dropped after its acknowledgement: bound bytes instead.
max_queued_messages 0
max_queued_bytes 268435456
# The window of a client that names none (3.1.1 has no Receive Maximum); 20 by default, which caps the rate.
max_inflight_messages 2000
persistence true
persistence_location ${site.dataFolder}/
# Counted in changes, not seconds: at most so many are lost when it is killed. Each save writes the whole store.
autosave_on_changes true
autosave_interval 1000
`;
}

/** MQTT 3.1.1 CONNECT: clean session, keepalive 10 s, no client id. */
const connectPacket = Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 10, 0, 0]);
const connectAccepted = Buffer.from([0x20, 2, 0, 0]);

async function answersConnect(port: number): Promise<void> {
  const answer = await ask(port, connectPacket, (bytes) => bytes.length >= connectAccepted.length);
  if (!answer.subarray(0, connectAccepted.length).equals(connectAccepted)) {
    throw new Error(`Mosquitto refused a connection: expected CONNACK 20020000, got ${answer.toString('hex')}`);
  }
}
