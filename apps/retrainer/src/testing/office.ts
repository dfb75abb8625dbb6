import { createRandom } from '@penstock/kernel';
import type { KeyedRow } from '../data/keyed-rows.ts';

export const dayMs = 86_400_000;
const stepMs = 300_000;

export interface Office {
  readonly days: number;
  /** From the start of this day on the light sensor shows a sixth. */
  readonly shiftDay?: number;
  readonly firstDay?: number;
  readonly rooms?: readonly string[];
}

/** Rooms lit while somebody is there, from nine to five on every day, and the labels that say so; a row every five minutes. */
export function office({ days, shiftDay = Number.POSITIVE_INFINITY, firstDay = 0, rooms = ['b/r'] }: Office): {
  readonly features: KeyedRow[];
  readonly labels: KeyedRow[];
} {
  const features: KeyedRow[] = [];
  const labels: KeyedRow[] = [];
  for (const key of rooms) {
    const random = createRandom(1 + firstDay);
    for (let timeMs = firstDay * dayMs; timeMs < (firstDay + days) * dayMs; timeMs += stepMs) {
      const hour = (timeMs % dayMs) / 3_600_000;
      const occupied = hour >= 9 && hour < 17 && random() < 0.95;
      const lux = (occupied ? 400 : 100) + random() * 50;
      features.push({ key, timeMs, values: [timeMs >= shiftDay * dayMs ? lux / 6 : lux] });
      labels.push({ key, timeMs, values: [occupied ? 1 : 0] });
    }
  }
  return { features, labels };
}
