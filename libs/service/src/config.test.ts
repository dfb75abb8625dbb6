import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { baseConfig, readConfig, variableOf } from './config.ts';

const config = z.strictObject({
  kafka: z.string().regex(/^\S+:\d+$/, 'expected host:port'),
  kafkaDriver: z.enum(['platformatic', 'kafkajs']).default('platformatic'),
  registry: z.url(),
  redis: z
    .string()
    .regex(/^rediss?:/, 'expected redis://host:port')
    .default('redis://127.0.0.1'),
  token: z.string().min(20).default('x'.repeat(20)).meta({ secret: true }),
  windowRows: z.coerce.number().int().min(1).max(65_535).default(100),
});
const right = { PENSTOCK_KAFKA: '127.0.0.1:9092', PENSTOCK_REGISTRY: 'http://127.0.0.1:8081' };

test('fields are read from variables of their name, defaults fill what is absent or empty', () => {
  expect(variableOf('kafkaDriver')).toBe('PENSTOCK_KAFKA_DRIVER');
  expect(readConfig(config, { ...right, PENSTOCK_WINDOW_ROWS: '7', PENSTOCK_KAFKA_DRIVER: '', PENSTOCK_OTHER: 'x' })).toEqual({
    kafka: '127.0.0.1:9092',
    kafkaDriver: 'platformatic',
    registry: 'http://127.0.0.1:8081',
    redis: 'redis://127.0.0.1',
    token: 'x'.repeat(20),
    windowRows: 7,
  });
});

describe('what is wrong is said by variable, with what was expected and what came', () => {
  test.each([
    [{ PENSTOCK_KAFKA: '' }, 'PENSTOCK_KAFKA: expected host:port, got nothing'],
    [{ PENSTOCK_KAFKA: 'here' }, 'PENSTOCK_KAFKA: expected host:port, got "here"'],
    [{ PENSTOCK_KAFKA_DRIVER: 'rust' }, 'PENSTOCK_KAFKA_DRIVER: expected platformatic or kafkajs, got "rust"'],
    [{ PENSTOCK_REGISTRY: 'no' }, 'PENSTOCK_REGISTRY: expected a URL, got "no"'],
    [{ PENSTOCK_WINDOW_ROWS: 'ten' }, 'PENSTOCK_WINDOW_ROWS: expected a number, got "ten"'],
    [{ PENSTOCK_WINDOW_ROWS: '0' }, 'PENSTOCK_WINDOW_ROWS: expected at least 1, got "0"'],
    [{ PENSTOCK_WINDOW_ROWS: '1.5' }, 'PENSTOCK_WINDOW_ROWS: expected an int, got "1.5"'],
    [{ PENSTOCK_REDIS: 'http://user:pass@h' }, 'PENSTOCK_REDIS: expected redis://host:port, got "http://…@h"'],
    [{ PENSTOCK_TOKEN: 'hunter2' }, 'PENSTOCK_TOKEN: expected at least 20, got something else'],
  ])('%j', (env, message) => {
    expect(() => readConfig(config, { ...right, ...env })).toThrow(message);
  });

  test('all of it at once, in one line', () => {
    const read = (): unknown => readConfig(config, { PENSTOCK_WINDOW_ROWS: '0' });
    expect(read).toThrow(
      'PENSTOCK_KAFKA: expected host:port, got nothing; PENSTOCK_REGISTRY: expected a URL, got nothing; PENSTOCK_WINDOW_ROWS: expected at least 1, got "0"',
    );
  });

  test('ports', () => {
    expect(() => readConfig(baseConfig, { PENSTOCK_GRPC_PORT: 'abc' })).toThrow(
      'PENSTOCK_GRPC_PORT: expected a port from 0 to 65535, got "abc"',
    );
    expect(() => readConfig(baseConfig, { PENSTOCK_GRPC_PORT: '70000' })).toThrow(
      'PENSTOCK_GRPC_PORT: expected a port from 0 to 65535, got "70000"',
    );
  });
});
