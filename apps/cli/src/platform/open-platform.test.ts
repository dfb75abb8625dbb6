import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { identityOf, isRunning, type ProcessIdentity } from '@penstock/brokers';
import { until } from '@penstock/testing';
import { openPlatform, type Platform } from './open-platform.ts';
import type { PlatformEvent } from './platform-event.ts';
import { readRecord, readRunningRecord } from './platform-record.ts';
import { alreadyRuns } from './problems.ts';

const folder = mkdtempSync(join(tmpdir(), 'penstock-platform-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Brokers of a user's own: named in the environment, neither started nor stopped, and of no concern to idle services. */
const own = {
  PENSTOCK_KAFKA: '127.0.0.1:1',
  PENSTOCK_MQTT: 'mqtt://127.0.0.1:1',
  PENSTOCK_REDIS: 'redis://127.0.0.1:1',
  PENSTOCK_POSTGRES: 'postgres://127.0.0.1:1/postgres',
};
beforeAll(() => void Object.assign(process.env, own));

describe('a platform on brokers of the user', () => {
  const said: PlatformEvent[] = [];
  let platform: Platform;
  const open = (): Promise<Platform> =>
    openPlatform({
      folder,
      ports: 'any',
      services: ['schema-gateway', 'preprocessor'],
      entryOf: () => join(import.meta.dirname, 'testing/idle-service.ts'),
      said: (event) => said.push(event),
      drainMs: 10_000,
    });
  beforeAll(async () => {
    platform = await open();
  }, 60_000);
  afterAll(async () => platform?.stop());

  test('its services answer where it says, and its record says the same', () => {
    const record = readRunningRecord(folder);
    expect(record?.owner.pid).toBe(process.pid);
    const { pid } = platform.service('preprocessor');
    expect(record?.services['preprocessor']).toEqual({ grpc: platform.grpcOf('preprocessor'), pid, restarts: 0 });
    expect(platform.service('preprocessor').facts).toMatchObject({ grpc: platform.grpcOf('preprocessor') });
    expect(record?.env['PENSTOCK_KAFKA']).toBe(own.PENSTOCK_KAFKA);
    expect(said.filter(({ event }) => event === 'ready')).toHaveLength(3);
  });

  test('a second one in the same folder is refused', async () => {
    expect(alreadyRuns.caused(await open().catch((thrown: unknown) => thrown))).toBe(true);
  });

  test('a service that is killed comes back at the same address', async () => {
    const service = platform.service('preprocessor');
    const before = service.facts;
    await service.kill();
    await until(() => said.some(({ event }) => event === 'back'), { deadlineMs: 20_000, what: 'the service to be back' });
    expect(service.facts?.['grpc']).toBe(before?.['grpc']);
    expect(readRecord(folder)?.services['preprocessor']).toMatchObject({ restarts: 1, pid: service.pid });
  });

  test('it stops in good order, leaves nothing behind, and takes the same ports again', async () => {
    const identity: ProcessIdentity = identityOf(platform.service('preprocessor').pid as number);
    const { ports } = readRecord(folder) ?? {};
    expect(await platform.stop()).toEqual([]);
    expect(said.filter(({ event }) => event === 'ended')).toMatchObject([
      { part: 'preprocessor', how: 'ended with code 0' },
      { part: 'schema-gateway', how: 'ended with code 0' },
      { part: 'brokers' },
    ]);
    expect(isRunning(identity)).toBe(false);
    expect(readRunningRecord(folder)).toBeNull();
    expect(existsSync(join(folder, 'services/preprocessor/pid.json'))).toBe(false);
    expect(readFileSync(join(folder, 'logs/preprocessor.log'), 'utf8')).toContain('service.ready');
    platform = await open();
    expect(readRecord(folder)?.ports).toEqual(ports);
  }, 60_000);
});
