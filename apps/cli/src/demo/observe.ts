import type { ObservationSource } from './observation.ts';
import { readOccupancy } from './occupancy.ts';
import { simulateRooms, simulationStartMs } from './simulator.ts';

/** Where the readings of a demo come from. */
export interface ObservationOrder {
  /** A folder of recordings; null: simulated rooms. */
  readonly dataFolder: string | null;
  readonly simulation: { readonly seed: number; readonly rooms: number; readonly days: number };
}

export function observe({ dataFolder, simulation }: ObservationOrder): ObservationSource {
  return dataFolder === null ? simulateRooms({ ...simulation, startMs: simulationStartMs }) : readOccupancy(dataFolder);
}
