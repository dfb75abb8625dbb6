import { expect, test } from '@jest/globals';
import { Room } from './room.ts';

const never = new AbortController().signal;

test('bytes are let in up to the limit, and a single piece always', () => {
  const room = new Room(100);
  expect(room.tryTake(5_000)).toBe(true);
  expect(room.tryTake(1)).toBe(false);
  room.give(5_000);
  expect([room.tryTake(60), room.tryTake(60), room.tryTake(40), room.taken]).toEqual([true, false, true, 100]);
});

test('whoever waits comes in when room is given, in the order of waiting', async () => {
  const room = new Room(100);
  room.tryTake(100);
  const entered: string[] = [];
  const waits = [room.take(80, never).then(() => entered.push('large')), room.take(10, never).then(() => entered.push('small'))];
  expect(room.tryTake(1)).toBe(false);
  room.give(30);
  await Promise.resolve();
  expect(entered).toEqual([]);
  room.give(70);
  await Promise.all(waits);
  expect([entered, room.taken]).toEqual([['large', 'small'], 90]);
});

test('whoever gives up waiting takes nothing, and lets the next one in', async () => {
  const room = new Room(100);
  room.tryTake(50);
  const leave = new AbortController();
  const gone = room.take(80, leave.signal);
  const next = room.take(50, never);
  leave.abort(new Error('gone'));
  await expect(gone).rejects.toThrow('gone');
  await next;
  expect(room.taken).toBe(100);
  await expect(room.take(1, leave.signal)).rejects.toThrow('gone');
});
