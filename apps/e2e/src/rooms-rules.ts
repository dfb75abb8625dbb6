import type { WindowRules } from './window-audit.ts';

/** What the sample document does with readings, written down once more by hand: an oracle does not read what it judges. */
export const roomsRules: WindowRules = {
  tumblingMs: 60_000,
  ranges: { co2Ppm: [250, 10_000], temperatureC: [-40, 85], humidityPct: [0, 100], lightLux: [0, 200_000] },
  hampel: { field: 'co2Ppm', windowMs: 600_000, thresholdMad: 4 },
  means: { co2Mean: 'co2Ppm', temperatureMean: 'temperatureC', humidityMean: 'humidityPct', lightMean: 'lightLux' },
};
