import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readOccupancy } from './occupancy.ts';

const header = '"date","Temperature","Humidity","Light","CO2","HumidityRatio","Occupancy"';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-occupancy-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, ...lines: string[]): void => writeFileSync(join(folder, name), `${[header, ...lines].join('\n')}\n`);

describe('a folder of recordings', () => {
  test('is read in the order of dates over all files, with and without quotes', () => {
    write('b.txt', '"1",2015-02-11 14:48:00,21.76,31.13,437.3,1029.7,0.005,1');
    write('a.txt', '"1","2015-02-04 17:51:00",23.18,27.27,426,721.25,0.0048,0');
    writeFileSync(join(folder, 'NOTE.md'), 'not a recording');
    const { observations, says } = readOccupancy(folder);
    expect(says).toContain('real readings');
    expect(observations.map(({ atMs }) => new Date(atMs).toISOString())).toEqual([
      '2015-02-04T17:51:00.000Z',
      '2015-02-11T14:48:00.000Z',
    ]);
    expect(observations[0]).toMatchObject({
      temperatureC: 23.18,
      lightLux: 426,
      co2Ppm: 721.25,
      humidityRatio: 0.0048,
      occupied: false,
    });
  });

  test('says which line is wrong', () => {
    write(
      'a.txt',
      '"1","2015-02-04 17:51:00",23.18,27.27,426,721.25,0.0048,0',
      '"2","2015-02-04 17:52:00",23.18,warm,426,721.25,0.0048,0',
    );
    expect(() => readOccupancy(folder)).toThrow(/a\.txt:3: not all fields are numbers/);
  });

  test('says what it looked for when there is nothing to read', () => {
    expect(() => readOccupancy(folder)).toThrow(/no file begins with "date","Temperature"/);
  });
});
