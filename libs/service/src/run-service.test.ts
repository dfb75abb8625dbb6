import { describe, expect, test } from '@jest/globals';
import { health, stages } from '@penstock/contracts';
import { createGrpcClient } from './grpc/client.ts';
import { ServiceProcess } from './testing/service-process.ts';

const { SERVING, NOT_SERVING } = health.HealthCheckResponse_ServingStatus;

describe('the life of a service', () => {
  test('ready, asked, drained by SIGTERM: exit 0, and watchers of its health see it go', async () => {
    await using service = new ServiceProcess({ PENSTOCK_SETTLE_MS: '200' });
    const ready = await service.line('service.ready');
    expect(ready).toMatchObject({ service: 'sample', grpc: expect.stringMatching(/^127\.0\.0\.1:\d+$/), settleMs: 200 });
    expect(Date.parse(String(ready['at']))).toBeGreaterThan(0);
    using client = createGrpcClient(stages.StagesServiceClient, String(ready['grpc']));
    using doctor = createGrpcClient(health.HealthClient, String(ready['grpc']));
    expect((await client.listStages({ pipeline: 'rooms' })).stages).toMatchObject([{ pipeline: 'rooms' }]);
    expect(await doctor.list({})).toEqual({
      statuses: new Map([
        ['', { status: SERVING }],
        ['stage/rooms/serve', { status: SERVING }],
      ]),
    });
    await expect(doctor.check({ service: 'stage/rooms/other' })).rejects.toMatchObject({ code: 'service.unknown-health' });
    const seen: number[] = [];
    for await (const { status } of doctor.watch({ service: '' })) {
      seen.push(status);
      if (status === SERVING) service.kill('SIGTERM');
      else break;
    }
    expect(seen).toEqual([SERVING, NOT_SERVING]);
    expect(await service.ended()).toBe(0);
    expect(service.events()).toEqual([
      'sample.opening',
      'service.ready',
      'service.draining',
      'sample.settled',
      'service.ended',
      'sample.closed',
    ]);
    expect(service.stderr).toBe('');
  });

  test('a drain that takes too long ends with code 4 and settles nothing', async () => {
    await using service = new ServiceProcess({ PENSTOCK_SETTLE_MS: '60000', PENSTOCK_DRAIN_MS: '100' });
    await service.line('service.ready');
    service.kill('SIGINT');
    expect(await service.ended()).toBe(4);
    expect(service.events()).not.toContain('sample.settled');
  });

  test('a second signal does not wait for the drain', async () => {
    await using service = new ServiceProcess({ PENSTOCK_SETTLE_MS: '60000' });
    await service.line('service.ready');
    service.kill('SIGTERM');
    await service.line('service.draining');
    service.kill('SIGTERM');
    expect(await service.ended()).toBe(4);
  });

  test('a defect drains and ends with code 1', async () => {
    await using service = new ServiceProcess({});
    const ready = await service.line('service.ready');
    using client = createGrpcClient(stages.StagesServiceClient, String(ready['grpc']));
    await client.listStages({ pipeline: 'defect' });
    expect(await service.ended()).toBe(1);
    expect(service.events()).toContain('sample.settled');
    expect(await service.line('service.defect')).toMatchObject({ message: 'a stage broke' });
  });

  test.each([
    ['thrown', 'no way in'],
    ['uncaught', 'nobody listens'],
  ])('a defect while it opens, %s, is told and ends with code 1', async (openFails, message) => {
    await using service = new ServiceProcess({ PENSTOCK_OPEN_FAILS: openFails, PENSTOCK_OPEN_MS: '60000' });
    expect(await service.ended()).toBe(1);
    const told = [...service.lines, ...(service.stderr === '' ? [] : [JSON.parse(service.stderr)])];
    expect(told).toContainEqual(expect.objectContaining({ event: 'service.defect', message }));
  });

  test('a wrong configuration is one clear line and code 2', async () => {
    await using service = new ServiceProcess({ PENSTOCK_GRPC_PORT: 'high', PENSTOCK_SETTLE_MS: 'long' });
    expect(await service.ended()).toBe(2);
    expect(service.stderr).toBe('sample: PENSTOCK_GRPC_PORT: expected a port from 0 to 65535, got "high"\n');
    expect(service.lines).toEqual([]);
  });

  test('a port that is taken is one clear line and code 2', async () => {
    await using first = new ServiceProcess({});
    const port = String((await first.line('service.ready'))['grpc']).split(':')[1] ?? '';
    await using second = new ServiceProcess({ PENSTOCK_GRPC_PORT: port });
    expect(await second.ended()).toBe(2);
    expect(second.stderr).toContain(`sample: 127.0.0.1:${port} is taken by another process: set PENSTOCK_GRPC_PORT`);
    expect(second.events()).toContain('sample.closed');
  });

  test('asked to end while it opens: code 0', async () => {
    await using service = new ServiceProcess({ PENSTOCK_OPEN_MS: '60000' });
    await service.line('sample.opening');
    service.kill('SIGTERM');
    expect(await service.ended()).toBe(0);
  });
});
