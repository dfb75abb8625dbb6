import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Observation, ObservationSource } from './observation.ts';
import { badRecording } from './problems.ts';

const columns = ['date', 'Temperature', 'Humidity', 'Light', 'CO2', 'HumidityRatio', 'Occupancy'] as const;
const header = columns.map((column) => `"${column}"`).join(',');
const place = { building: 'office', room: 'one' };

/**
 * Reads a folder of occupancy recordings in the form of the UCI data set 357 (Candanedo and Feldheim, Energy and Buildings
 * 112, 2016): one office room, one reading a minute, labels from pictures. Each row has one field more than the header names:
 * the first is a row number.
 */
export function readOccupancy(folder: string): ObservationSource {
  const files = recordingsIn(folder);
  if (files.length === 0) throw badRecording(`${folder}: no file begins with ${header}`, { facts: { folder } });
  const observations = files.flatMap((file) => readRecording(join(folder, file)));
  observations.sort((left, right) => left.atMs - right.atMs);
  return {
    says: `real readings of an office room, ${observations.length} minutes, from ${folder} (CC BY 4.0, UCI 357)`,
    observations,
  };
}

function recordingsIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(txt|csv)$/.test(entry.name) && headerOf(join(folder, entry.name)) === header)
    .map(({ name }) => name);
}

function headerOf(path: string): string {
  return readFileSync(path, 'utf8').slice(0, header.length);
}

function readRecording(path: string): Observation[] {
  const lines = readFileSync(path, 'utf8').split(/\r?\n/).slice(1);
  return lines.flatMap((line, index) => (line === '' ? [] : [parseRow(line, `${path}:${index + 2}`)]));
}

function parseRow(line: string, at: string): Observation {
  const fields = line.split(',').map((field) => field.replaceAll('"', ''));
  if (fields.length !== columns.length + 1)
    throw badRecording(`${at}: expected ${columns.length + 1} fields, got ${fields.length}`);
  const [, date, ...numbers] = fields as [string, string, ...string[]];
  const atMs = Date.parse(`${date.replace(' ', 'T')}Z`);
  const [temperatureC, humidityPct, lightLux, co2Ppm, humidityRatio, occupied] = numbers.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const observation = { ...place, atMs, temperatureC, humidityPct, lightLux, co2Ppm, humidityRatio, occupied: occupied === 1 };
  if (![atMs, temperatureC, humidityPct, lightLux, co2Ppm, humidityRatio].every(Number.isFinite))
    throw badRecording(`${at}: not all fields are numbers: ${line}`);
  return observation;
}
