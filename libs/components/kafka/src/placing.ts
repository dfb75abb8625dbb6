import type { Output } from '@penstock/pipeline';
import { headerNameBytes } from './header-names.ts';
import { partitionOf, RoundRobin } from './partitioner.ts';
import { undeclaredRoute } from './problems.ts';
import type { PlacedRecord } from './producer.ts';

export interface RouteTarget {
  readonly topic: string;
  readonly partitions: number;
}

export type Routes = ReadonlyMap<string, RouteTarget>;

export type Placing = (output: Output) => PlacedRecord;

/** Gives an output its topic and, by its key as Java would, its partition. Kafka's timestamp is left to arrival. */
export function createPlacing(routes: Routes): Placing {
  const keyless = new RoundRobin();
  return ({ route, key, payload, headers }) => {
    const target = routes.get(route);
    if (target === undefined) throw undeclaredRoute(`route ${route}: expected one of ${[...routes.keys()].join(', ')}`);
    const partition = key === null ? keyless.partition(target.partitions) : partitionOf(key, target.partitions);
    return {
      topic: target.topic,
      partition,
      key,
      value: payload,
      headers: headers.map(([name, value]) => [headerNameBytes(name), value]),
    };
  };
}
