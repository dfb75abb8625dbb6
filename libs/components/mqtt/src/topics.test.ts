import { describe, expect, test } from '@jest/globals';
import { isFilter, matches, Topics } from './topics.ts';

describe('matches', () => {
  const cases: [filter: string, topic: string, expected: boolean][] = [
    ['building/+/room/+/reading', 'building/a/room/1/reading', true],
    ['building/+/room/+/reading', 'building/a/room/1/label', false],
    ['building/+', 'building/a/room', false],
    ['building/+', 'building', false],
    ['+', '/a', false],
    ['/+', '/a', true],
    ['+/+', '/a', true],
    ['sport/#', 'sport', true],
    ['sport/#', 'sport/tennis/1', true],
    ['#', 'any/thing', true],
    ['#', '$SYS/uptime', false],
    ['+/uptime', '$SYS/uptime', false],
    ['$SYS/#', '$SYS/uptime', true],
    ['$share/replicas/rooms/+', 'rooms/1', true],
    ['$share/replicas/rooms/+', 'replicas/rooms/1', false],
    ['a//b', 'a//b', true],
    ['a/+/b', 'a//b', true],
  ];
  test.each(cases)('%s and %s: %s', (filter, topic, expected) => {
    expect(matches(filter, topic)).toBe(expected);
  });
});

describe('isFilter', () => {
  test.each(['a', '+', '#', 'a/#', '+/b/#', '/', '$share/g/a/#', 'a//b'])('%s is one', (filter) => {
    expect(isFilter(filter)).toBe(true);
  });
  test.each(['', 'a#', 'a/#/b', 'a+/b', '$share/g', '$share//a', '$share/g+/a', 'a\0b'])('%j is none', (filter) => {
    expect(isFilter(filter)).toBe(false);
  });
});

test('a topic is decoded once, knows its levels, and whether it was asked for', () => {
  const topics = new Topics(['rooms/+']);
  const first = topics.of(Buffer.from('rooms/ä'));
  expect(topics.of(Buffer.from('rooms/ä'))).toBe(first);
  expect(first).toMatchObject({ name: 'rooms/ä', levels: ['rooms', 'ä'], wanted: true });
  expect(topics.of(Buffer.from('halls/1')).wanted).toBe(false);
});
