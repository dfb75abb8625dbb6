import { describe, expect, test } from '@jest/globals';
import { readingsOf } from './devices.ts';
import type { Observation } from './observation.ts';
import { waitBetween } from './pace.ts';

const minuteMs = 60_000;
const observations: Observation[] = [0, 1, 2].map((minute) => ({
  building: 'office',
  room: 'one',
  atMs: minute * minuteMs,
  temperatureC: 20,
  humidityPct: 30,
  lightLux: 300,
  co2Ppm: 500,
  humidityRatio: 0.004,
  occupied: true,
}));

describe('devices', () => {
  const readings = [
    ...readingsOf(observations, {
      labelDelayMs: 90_000,
      shiftFromMs: () => minuteMs,
      shift: (lux) => lux / 6,
      batteryFromMs: 2 * minuteMs,
    }),
  ];

  test('are one for each sensor of a room, each counting its own readings', () => {
    const light = readings.filter(({ deviceId }) => deviceId === 'one-light');
    expect(light.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(light.map(({ payload }) => JSON.parse(payload).lightLux)).toEqual([300, 50, 50]);
    expect(new Set(readings.map(({ deviceId }) => deviceId)).size).toBe(5);
  });

  test('send labels later, and everything in the order in which it is sent', () => {
    const labels = readings.filter(({ kind }) => kind === 'label');
    expect(labels.map(({ sentAtMs, atMs }) => sentAtMs - atMs)).toEqual([90_000, 90_000, 90_000]);
    const sent = readings.map(({ sentAtMs }) => sentAtMs);
    expect(sent).toEqual([...sent].sort((left, right) => left - right));
  });

  test('begin to send one more field', () => {
    const batteries = readings
      .filter(({ deviceId }) => deviceId === 'one-temperature')
      .map(({ payload }) => JSON.parse(payload).batteryPct);
    expect(batteries).toEqual([undefined, undefined, 100]);
  });
});

test('the clock runs as fast as the pace of the moment says, and does not wait out a gap', () => {
  const paces = [
    { fromMs: 0, minutesPerSecond: 60 },
    { fromMs: 600_000, minutesPerSecond: 6 },
  ];
  expect(waitBetween(0, minuteMs, paces)).toBeCloseTo(1_000 / 60);
  expect(waitBetween(600_000, 660_000, paces)).toBeCloseTo(1_000 / 6);
  expect(waitBetween(0, 540_000_000, paces)).toBeCloseTo(10_000 / 6);
});
