import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { identityOf, isRunning, type ProcessIdentity } from '@penstock/brokers';
import { brokers, until } from '@penstock/testing';
import { openPlatform, type Platform } from './open-platform.ts';
import type { PlatformEvent } from './platform-event.ts';
import { readRecord, readRunningRecord } from './platform-record.ts';
import { alreadyRuns } from './problems.ts';

const folder = mkdtempSync(join(tmpdir(), 'penstock-platform-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The brokers of the test run are a user's own to the platform: named in the environment, neither started nor stopped. */
beforeAll(() => {
  const { kafka, mosquitto, redis, postgres } = brokers();
  Object.assign(process.env, {
    PENSTOCK_KAFKA: kafka,
    PENSTOCK_MQTT: mosquitto,
    PENSTOCK_REDIS: redis,
    PENSTOCK_POSTGRES: postgres,
  });
});

describe('a platform on brokers of the user', () => {
  const said: PlatformEvent[] = [];
  let platform: Platform;
  const open = (): Promise<Platform> =>
    openPlatform({ folder, ports: 'any', services: ['preprocessor'], said: (event) => said.push(event), drainMs: 10_000 });
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
    expect(record?.env['PENSTOCK_KAFKA']).toBe(brokers().kafka);
    expect(said.filter(({ event }) => event === 'ready')).toHaveLength(2);
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
    expect(isRunning(identity)).toBe(false);
    expect(readRunningRecord(folder)).toBeNull();
    expect(existsSync(join(folder, 'services/preprocessor/pid.json'))).toBe(false);
    expect(readFileSync(join(folder, 'logs/preprocessor.log'), 'utf8')).toContain('service.ready');
    platform = await open();
    expect(readRecord(folder)?.ports).toEqual(ports);
  }, 60_000);
});
