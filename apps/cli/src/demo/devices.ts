import type { Observation } from './observation.ts';

/** What the light sensor shows after somebody has turned it to the wall, and before. */
export type LightShift = (lux: number) => number;

/** One publish of one device. */
export interface DeviceReading {
  readonly kind: 'reading' | 'label';
  readonly topic: string;
  readonly deviceId: string;
  readonly sequence: number;
  /** When the device measured, in milliseconds since the epoch. */
  readonly atMs: number;
  /** When it is sent, on the same clock: people look at the pictures later than sensors measure. */
  readonly sentAtMs: number;
  readonly payload: string;
}

/** From when on devices do something new; absent: never. */
export interface Changes {
  /** The light sensor shows something else; asked for each reading, since a viewer may decide it on the way. Null: not yet. */
  readonly shiftFromMs?: () => number | null;
  readonly shift?: LightShift;
  /** Temperature sensors also tell how full their battery is. */
  readonly batteryFromMs?: number;
  /** Labels are sent this long after what they are about. */
  readonly labelDelayMs: number;
}

const sensors = ['temperatureC', 'humidityPct', 'lightLux', 'co2Ppm'] as const;
type Sensor = (typeof sensors)[number];
const devices: Readonly<Record<Sensor, string>> = {
  temperatureC: 'temperature',
  humidityPct: 'humidity',
  lightLux: 'light',
  co2Ppm: 'co2',
};

/**
 * What the devices of all rooms publish, in the order in which it is sent. Each sensor of a room is a device of its own and
 * counts its readings; so does the camera whose pictures are labelled.
 */
export function* readingsOf(observations: readonly Observation[], changes: Changes): Generator<DeviceReading> {
  const sequences = new Map<string, number>();
  const labels: DeviceReading[] = [];
  let waiting = 0;
  for (const observation of observations) {
    while (waiting < labels.length && (labels[waiting] as DeviceReading).sentAtMs <= observation.atMs) {
      yield labels[waiting] as DeviceReading;
      waiting += 1;
    }
    for (const sensor of sensors) yield readingOf(observation, sensor, { changes, sequences });
    labels.push(labelOf(observation, { changes, sequences }));
  }
  yield* labels.slice(waiting);
}

interface Making {
  readonly changes: Changes;
  readonly sequences: Map<string, number>;
}

function readingOf(observation: Observation, sensor: Sensor, { changes, sequences }: Making): DeviceReading {
  const { building, room, atMs } = observation;
  const deviceId = `${room}-${devices[sensor]}`;
  const shifted =
    sensor === 'lightLux' && changes.shift !== undefined && atMs >= (changes.shiftFromMs?.() ?? Number.POSITIVE_INFINITY);
  const value = shifted ? changes.shift(observation[sensor]) : observation[sensor];
  const battery = sensor === 'temperatureC' && atMs >= (changes.batteryFromMs ?? Number.POSITIVE_INFINITY);
  const sequence = next(sequences, `${building}/${deviceId}`);
  const payload = {
    deviceId,
    sequence,
    observedAtMs: atMs,
    [sensor]: value,
    ...(battery ? { batteryPct: batteryAt(atMs) } : {}),
  };
  return {
    kind: 'reading',
    topic: `building/${building}/room/${room}/reading`,
    deviceId,
    sequence,
    atMs,
    sentAtMs: atMs,
    payload: JSON.stringify(payload),
  };
}

function labelOf({ building, room, atMs, occupied }: Observation, { changes, sequences }: Making): DeviceReading {
  const deviceId = `${room}-camera`;
  const sequence = next(sequences, `${building}/${deviceId}`);
  return {
    kind: 'label',
    topic: `building/${building}/room/${room}/label`,
    deviceId,
    sequence,
    atMs,
    sentAtMs: atMs + changes.labelDelayMs,
    payload: JSON.stringify({ deviceId, sequence, observedAtMs: atMs, occupied }),
  };
}

function next(sequences: Map<string, number>, device: string): number {
  const sequence = (sequences.get(device) ?? 0) + 1;
  sequences.set(device, sequence);
  return sequence;
}

/** Full on the first of the month, and a sixth of a percent less each hour. */
function batteryAt(atMs: number): number {
  const hours = (atMs - Date.UTC(new Date(atMs).getUTCFullYear(), new Date(atMs).getUTCMonth(), 1)) / 3_600_000;
  return Math.max(0, Math.round((100 - hours / 6) * 10) / 10);
}
