import { describe, expect, test } from '@jest/globals';
import { containerSite, runArguments } from './container-runner.ts';
import type { Declaration } from './declaration.ts';
import { kafka } from './kafka.ts';
import { mosquitto } from './mosquitto.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';

const runOf = (declaration: Declaration) => ({
  declaration,
  name: `penstock-x-${declaration.name}`,
  folder: '/data/b',
  port: 21_000,
});

describe('a broker as a container', () => {
  test('the arguments follow from the declaration', () => {
    expect(runArguments(runOf(redis))).toEqual([
      ...['run', '--rm', '--detach', '--name', 'penstock-x-redis'],
      ...['--publish', '127.0.0.1:21000:6379'],
      ...['--volume', 'penstock-x-redis:/data'],
      ...['--volume', '/data/b/config:/etc/redis:ro'],
      ...['redis:7.2', '/etc/redis/redis.conf'],
    ]);
  });

  test('PostgreSQL has no configuration file and takes its settings as arguments', () => {
    const args = runArguments(runOf(postgres));
    expect(args).not.toContain('/data/b/config:/etc/postgresql:ro');
    expect(args).toEqual(expect.arrayContaining(['--env', 'POSTGRES_HOST_AUTH_METHOD=trust', 'postgres:18', '-c', 'fsync=on']));
  });

  test('Kafka listens to all of its container and tells clients the published port', () => {
    const properties = kafka.files(containerSite(kafka, { clientHost: '127.0.0.1', clientPort: 21_000 }))['server.properties'];
    expect(properties).toContain('listeners=PLAINTEXT://0.0.0.0:9092,CONTROLLER://127.0.0.1:9093\n');
    expect(properties).toContain('advertised.listeners=PLAINTEXT://127.0.0.1:21000\n');
    expect(properties).toContain('log.dirs=/var/lib/kafka/data\n');
  });

  test.each([kafka, mosquitto, redis, postgres])('$name is published on the loopback address only', (declaration) => {
    const args = runArguments(runOf(declaration));
    expect(args[args.indexOf('--publish') + 1]).toBe(`127.0.0.1:21000:${declaration.container.port}`);
    expect(declaration.container.image).toMatch(/^[a-z/-]+:\d/);
  });
});
