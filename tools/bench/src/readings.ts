import { createRandom } from '@penstock/kernel';

/** A reading as its sensor says it; `temperatureF` is what the measured stage computes again. */
export interface RoomReading {
  readonly building: string;
  readonly room: string;
  readonly deviceId: string;
  readonly sequence: number;
  readonly observedAtMs: number;
  readonly temperatureC: number;
  readonly temperatureF: number;
  readonly humidityPct: number;
  readonly co2Ppm: number;
  /** Fills up what is missing to the size that is measured. */
  readonly note: string;
}

export const rooms = 100;
const startMs = Date.UTC(2026, 1, 2);
const everyMs = 10_000;

/** Readings in the order of time, one room after the other, each room every 10 seconds; the same at every call. */
export function drawReadings(count: number): Omit<RoomReading, 'note'>[] {
  const random = createRandom(7);
  const hundredths = (least: number, greatest: number): number => Math.round((least + random() * (greatest - least)) * 100) / 100;
  return Array.from({ length: count }, (_, index) => {
    const room = `${100 + (index % rooms)}`;
    const sequence = Math.floor(index / rooms) + 1;
    const temperatureC = hundredths(18, 26);
    return {
      building: 'west',
      room,
      deviceId: `west-${room}`,
      sequence,
      observedAtMs: startMs + sequence * everyMs + (index % rooms) * 7,
      temperatureC,
      temperatureF: temperatureC * 1.8 + 32,
      humidityPct: hundredths(20, 60),
      co2Ppm: hundredths(400, 1_200),
    };
  });
}

/** Encodes readings with a note of the length that brings each to `bytes`. */
export function encodeTo(
  bytes: number,
  readings: readonly Omit<RoomReading, 'note'>[],
  encode: (reading: RoomReading) => Uint8Array,
): Uint8Array[] {
  return readings.map((reading) => {
    let note = 'n'.repeat(bytes >>> 1);
    // A longer note may take a longer length prefix: the second look settles it.
    for (let look = 0; look < 2; look += 1) {
      const missing = bytes - encode({ ...reading, note }).length;
      note = missing < 0 ? note.slice(0, missing) : note.padEnd(note.length + missing, 'n');
    }
    return encode({ ...reading, note });
  });
}
