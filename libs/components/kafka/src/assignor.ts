import type { Subscription } from './consumer-protocol.ts';
import type { TopicPartition } from './port.ts';

/** Kafka wants a group's members to name the same way of assigning. */
export const assignorName = 'penstock-sticky';

/**
 * Shares partitions out evenly, and leaves with a member what it has as far as that is even: what moves must be claimed and
 * restored anew. Deterministic: the same members get the same.
 */
export function assign(
  members: ReadonlyMap<string, Subscription>,
  partitionsOf: (topic: string) => number,
): Map<string, TopicPartition[]> {
  const ids = [...members.keys()].sort();
  const assigned = new Map<string, TopicPartition[]>(ids.map((id) => [id, []]));
  const topics = [...new Set([...members.values()].flatMap((member) => member.topics))].sort();
  for (const topic of topics) assignTopic(topic, { ids, members, assigned, count: partitionsOf(topic) });
  return assigned;
}

interface Share {
  readonly ids: readonly string[];
  readonly members: ReadonlyMap<string, Subscription>;
  readonly assigned: Map<string, TopicPartition[]>;
  readonly count: number;
}

function assignTopic(topic: string, { ids, members, assigned, count }: Share): void {
  const readers = ids.filter((id) => members.get(id)?.topics.includes(topic));
  const free = new Set(Array.from({ length: count }, (_, partition) => partition));
  const taken = new Map(readers.map((id) => [id, 0]));
  const take = (id: string, partition: number): void => {
    free.delete(partition);
    taken.set(id, (taken.get(id) ?? 0) + 1);
    assigned.get(id)?.push({ topic, partition });
  };
  const floor = Math.floor(count / readers.length);
  let above = count % readers.length; // so many may keep one more
  for (const id of readers) {
    const owned = members.get(id)?.owned.filter((each) => each.topic === topic && free.has(each.partition)) ?? [];
    const quota = owned.length > floor && above > 0 ? floor + 1 : floor;
    if (quota > floor) above -= 1;
    for (const { partition } of owned.slice(0, quota)) take(id, partition);
  }
  const load = (id: string): number => (taken.get(id) ?? 0) * 1_000_000 + (assigned.get(id)?.length ?? 0);
  for (const partition of [...free])
    take(
      readers.reduce((least, id) => (load(id) < load(least) ? id : least)),
      partition,
    );
}
