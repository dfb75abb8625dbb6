import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { murmur2, partitionOf, RoundRobin } from './partitioner.ts';

const [header = '', ...lines] = readFileSync(join(import.meta.dirname, 'fixtures/murmur2.csv'), 'utf8')
  .trim()
  .split('\n');
const counts = header
  .split(',')
  .slice(2)
  .map((name) => Number(name.slice(2)));

describe('partitions', () => {
  test('are those of Java, for keys of 0 to 20 bytes and more', () => {
    expect(lines.length).toBeGreaterThanOrEqual(215);
    for (const line of lines) {
      const [hex = '', hash, ...partitions] = line.split(',');
      const key = Buffer.from(hex, 'hex');
      expect([hex, murmur2(key)]).toEqual([hex, Number(hash)]);
      expect(counts.map((count) => partitionOf(key, count))).toEqual(partitions.map(Number));
    }
  });

  test('of records without a key take turns', () => {
    const turns = new RoundRobin();
    expect([3, 3, 3, 3, 2].map((count) => turns.partition(count))).toEqual([0, 1, 2, 0, 1]);
  });
});
