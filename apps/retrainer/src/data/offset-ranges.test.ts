import { expect, test } from '@jest/globals';
import { type Kafka, openKafka } from '@penstock/kafka';
import { refuseDeleted } from './offset-ranges.ts';

/** A cluster of one broker, whose partitions all begin at this offset. */
function kafkaFrom(earliest: number): Kafka {
  const kafka = openKafka({ brokers: ['memory:1'] });
  const topics = new Map([['rooms.features', [{ partition: 0, leaderId: 1 }]]]);
  const driver: Partial<Kafka['driver']> = {
    metadata: async () => ({ nodes: [{ nodeId: 1, host: 'memory', port: 1 }], controllerId: 1, topics }),
    listOffsets: async (_, { partitions }) => partitions.map((at) => ({ ...at, offset: earliest })),
  };
  return Object.assign(kafka.driver, driver) && kafka;
}

const range = (from: number, to: number) => ({ topic: 'rooms.features', partition: 0, from, to });

test('a dataset whose first records retention has deleted is refused, and says what is left', async () => {
  await expect(refuseDeleted(kafkaFrom(5), [range(3, 9)])).rejects.toMatchObject({
    code: 'retrain.range-deleted',
    facts: { topic: 'rooms.features', partition: 0, from: 3, earliest: 5 },
  });
});

test('what is still there is not refused, nor is a range that holds nothing', async () => {
  await refuseDeleted(kafkaFrom(5), [range(5, 9), range(3, 3)]);
});
