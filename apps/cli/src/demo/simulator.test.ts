import { describe, expect, test } from '@jest/globals';
import type { Observation } from './observation.ts';
import { simulateRooms, simulationStartMs } from './simulator.ts';

const settings = { seed: 7, rooms: 3, days: 7, startMs: simulationStartMs };
const { observations, says } = simulateRooms(settings);
const average = (of: readonly Observation[], value: (observation: Observation) => number): number =>
  of.reduce((sum, observation) => sum + value(observation), 0) / of.length;

describe('simulated rooms', () => {
  test('say that they are simulated, and are the same for the same seed', () => {
    expect(says).toContain('SIMULATED');
    expect(simulateRooms(settings).observations).toEqual(observations);
  });

  test('have one observation a minute for each room, in the order of time', () => {
    expect(observations).toHaveLength(3 * 7 * 1_440);
    for (let index = 1; index < observations.length; index += 1) {
      expect((observations[index] as Observation).atMs).toBeGreaterThanOrEqual((observations[index - 1] as Observation).atMs);
    }
  });

  test('are empty at night and at weekends', () => {
    const empty = observations.filter(
      ({ atMs }) => [0, 6].includes(new Date(atMs).getUTCDay()) || new Date(atMs).getUTCHours() < 7,
    );
    expect(empty.filter(({ occupied }) => occupied)).toEqual([]);
  });

  test('people breathe out, warm the room and switch on lamps', () => {
    const busy = observations.filter(({ occupied }) => occupied);
    const empty = observations.filter(({ occupied }) => !occupied);
    expect(busy.length / observations.length).toBeGreaterThan(0.1);
    expect(average(busy, ({ co2Ppm }) => co2Ppm)).toBeGreaterThan(average(empty, ({ co2Ppm }) => co2Ppm) + 100);
    expect(average(busy, ({ temperatureC }) => temperatureC)).toBeGreaterThan(average(empty, ({ temperatureC }) => temperatureC));
    expect(average(busy, ({ lightLux }) => lightLux)).toBeGreaterThan(300);
  });

  test('light alone does not give the answer away', () => {
    const lit = observations.filter(({ lightLux }) => lightLux > 350);
    const unlit = observations.filter(({ lightLux }) => lightLux <= 350);
    expect(lit.filter(({ occupied }) => !occupied).length).toBeGreaterThan(50);
    expect(unlit.filter(({ occupied }) => occupied).length).toBeGreaterThan(50);
  });
});
