import { join } from 'node:path';
import { findOrUnpack } from './debian.ts';
import type { Declaration, LocalPrograms, Log, Site } from './declaration.ts';
import { ask } from './dialogue.ts';

const configFile = 'redis.conf';

/** Redis for the job queue: nothing is evicted, and what was written survives a restart. */
export const redis: Declaration = {
  name: 'redis',
  address: (port) => `redis://127.0.0.1:${port}`,
  files: (site) => ({ [configFile]: configuration(site) }),
  ready: answersPing,
  stop: { signal: 'SIGTERM', deadlineMs: 10_000 },
  startDeadlineMs: 20_000,
  install,
  container: {
    image: 'redis:7.2',
    port: 6379,
    dataFolder: '/data',
    configFolder: '/etc/redis',
    env: {},
    args: () => [`/etc/redis/${configFile}`],
    healthy: ['redis-cli', 'ping'],
  },
};

async function install(cacheFolder: string, log: Log): Promise<LocalPrograms> {
  const wanted = { program: 'redis-server', package: 'redis-server', downloadMegabytes: 11 };
  const program = await findOrUnpack(wanted, cacheFolder, log);
  return {
    format: async () => undefined,
    command: (site) => ({ ...program, args: [join(site.configFolder, configFile)] }),
  };
}

function configuration(site: Site): string {
  return `bind ${site.host}
port ${site.port}
dir ${site.dataFolder}
# Safe without a password: the port is published on the loopback address only.
protected-mode no
maxmemory-policy noeviction
appendonly yes
appendfsync everysec
save ""
`;
}

async function answersPing(port: number): Promise<void> {
  const answer = await ask(port, Buffer.from('PING\r\n'), (bytes) => bytes.includes('\r\n'));
  if (!answer.toString().startsWith('+PONG')) throw new Error(`Redis is not ready: ${answer.toString().trim()}`);
}
