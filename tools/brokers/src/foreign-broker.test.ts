import { afterEach, expect, test } from '@jest/globals';
import { openBrokers } from './open-brokers.ts';

afterEach(() => {
  delete process.env['PENSTOCK_KAFKA'];
});

test("the user's own broker is used by its address and never ended", async () => {
  process.env['PENSTOCK_KAFKA'] = 'kafka-1.example:9093,kafka-2.example:9093';
  const folder = `${import.meta.dirname}/../../../.penstock/foreign-${process.pid}`;
  await using brokers = await openBrokers({ folder, names: ['kafka'], fromEnvironment: true });
  expect(brokers.kafka).toMatchObject({ address: 'kafka-1.example:9093,kafka-2.example:9093', port: 9093, pid: null });
  await expect(brokers.kafka.kill()).rejects.toThrow('not ours');
  expect(() => brokers.redis).toThrow('add it to `names`');
});
