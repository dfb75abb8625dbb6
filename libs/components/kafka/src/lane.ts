import type { Lane } from '@penstock/pipeline';
import type { TopicPartition } from './port.ts';

export function laneOf({ topic, partition }: TopicPartition): Lane {
  return `${topic}/${partition}`;
}

export function parseLane(lane: Lane): TopicPartition {
  const slash = lane.lastIndexOf('/');
  const partition = Number(lane.slice(slash + 1));
  if (slash < 1 || !Number.isInteger(partition)) throw new TypeError(`lane ${lane}: expected topic/partition`);
  return { topic: lane.slice(0, slash), partition };
}
