import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { findFreePort } from '@penstock/brokers';
import { choosePorts, doors } from './port-choice.ts';

test('every door has a port of its own, and what is remembered is taken again', async () => {
  const first = await choosePorts({ usual: 'any', remembered: {}, demanded: {} }, () => undefined);
  expect(Object.keys(first)).toEqual(doors);
  expect(new Set(Object.values(first)).size).toBe(doors.length);
  const moved: string[] = [];
  expect(await choosePorts({ usual: 'fixed', remembered: first, demanded: {} }, (line) => moved.push(line))).toEqual(first);
  expect(moved).toEqual([]);
});

test('a port that another program has is replaced, in one clear line; one that was demanded is an error', async () => {
  const port = await findFreePort();
  const server = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    const moved: string[] = [];
    const chosen = await choosePorts({ usual: 'any', remembered: { kafka: port }, demanded: {} }, (line) => moved.push(line));
    expect(moved).toEqual([`kafka: port ${port} is in use by another program, it takes ${chosen.kafka}`]);
    const demanding = choosePorts({ usual: 'any', remembered: {}, demanded: { kafka: port } }, () => undefined);
    await expect(demanding).rejects.toThrow(`kafka: port ${port} is in use`);
  } finally {
    server.close();
  }
});
