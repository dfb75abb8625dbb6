/** What the sensors of one room showed at one moment, and whether somebody was there. */
export interface Observation {
  readonly building: string;
  readonly room: string;
  /** Milliseconds since the epoch; local times of a recording are taken as UTC, so that days begin at its midnight. */
  readonly atMs: number;
  readonly temperatureC: number;
  readonly humidityPct: number;
  readonly lightLux: number;
  readonly co2Ppm: number;
  /** Kilograms of water per kilogram of air. */
  readonly humidityRatio: number;
  readonly occupied: boolean;
}

/** Where a demo's observations come from, in the order of their times. */
export interface ObservationSource {
  /** One line for the screen: real data and whose, or a simulation. */
  readonly says: string;
  readonly observations: readonly Observation[];
}
