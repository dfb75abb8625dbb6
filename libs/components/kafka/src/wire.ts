import { KafkaError, kafkaCode } from './kafka-error.ts';

/** Numbers of Kafka's protocol that every driver needs (https://kafka.apache.org/protocol). */
export const readCommitted = 1;
export const earliestTimestamp = -2n;
export const latestTimestamp = -1n;
export const topicResource = 2 as const;
export const consumerProtocolType = 'consumer';

/** Requests name each topic once. */
export function groupByTopic<Item extends { readonly topic: string }>(items: readonly Item[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.topic);
    if (group === undefined) groups.set(item.topic, [item]);
    else group.push(item);
  }
  return groups;
}

/** What a coordinator says of a transactional id; null where it knows none. */
export function stateOf(errorCode: number, state: string): string | null {
  if (errorCode === kafkaCode.transactionalIdNotFound) return null;
  if (errorCode !== kafkaCode.none) throw new KafkaError(errorCode, 'the state of a transaction');
  return state;
}
