import { describe, expect, test } from '@jest/globals';
import { seeded } from '@penstock/testing';
import type { PlacedRecord } from './producer.ts';
import { batchesOf, fits, recordBytes } from './record-batches.ts';

describe('record batches', () => {
  test(
    'keep every record once, in order for each partition, within the size that the topic takes, one batch a partition a round',
    seeded((random) => {
      for (let run = 0; run < 300; run += 1) {
        const limit = 200 + Math.floor(random() * 2_000);
        const records = Array.from({ length: Math.floor(random() * 60) }, (_, index): PlacedRecord => {
          const value = Buffer.alloc(Math.floor(random() * 100));
          return {
            topic: random() < 0.5 ? 'a' : 'b',
            partition: Math.floor(random() * 3),
            key: Buffer.from(String(index)),
            value,
            headers: [],
          };
        });
        const rounds = batchesOf(records, () => limit);
        const nameOf = ({ topic, partition }: { topic: string; partition: number }): string => `${topic}/${partition}`;
        for (const round of rounds) {
          expect(new Set(round.map(nameOf)).size).toBe(round.length);
          for (const { records: own } of round)
            expect(61 + own.reduce((sum, record) => sum + recordBytes(record), 0)).toBeLessThanOrEqual(limit);
        }
        for (const name of new Set(records.map(nameOf))) {
          const sent = rounds
            .flat()
            .filter((batch) => nameOf(batch) === name)
            .flatMap(({ records: own }) => own);
          expect(sent).toEqual(records.filter((record) => nameOf(record) === name));
        }
      }
    }),
  );

  test('say when a record fits into none', () => {
    const record = { key: null, value: Buffer.alloc(1_000), headers: [[Buffer.from('name'), Buffer.alloc(50)]] as const };
    expect(fits(record, 1_000)).toBe(false);
    expect(fits(record, 1_300)).toBe(true);
  });
});
