import { createRandom, type Random } from '@penstock/kernel';
import type { Observation, ObservationSource } from './observation.ts';

export interface SimulatorSettings {
  readonly seed: number;
  readonly rooms: number;
  readonly days: number;
  /** Midnight of the first day, in milliseconds since the epoch. */
  readonly startMs: number;
}

/** 2 February 2015, a Monday: the same calendar as the recordings, so that both tell the same story. */
export const simulationStartMs = Date.UTC(2015, 1, 2);

const minuteMs = 60_000;
const minutesADay = 1_440;

/** One room: its walls, its people, and what its sensors are like. */
interface Room {
  readonly name: string;
  readonly volumeM3: number;
  readonly desks: number;
  /** Fresh air, in room volumes an hour. */
  readonly airChangesPerHour: number;
  readonly windowLux: number;
  readonly arrivesMinute: number;
  readonly leavesMinute: number;
}

interface Air {
  co2Ppm: number;
  temperatureC: number;
  /** Kilograms of water per kilogram of dry air. */
  humidityRatio: number;
}

const outside = { co2Ppm: 420, humidityRatio: 0.0036 };
/** Per person doing office work: CO₂ 18 litres an hour, 75 W of sensible heat, 50 g of water an hour (ASHRAE Fundamentals). */
const person = { co2M3PerMinute: 0.018 / 60, heatW: 75, waterKgPerMinute: 0.05 / 60 };
const airDensityKgM3 = 1.2;
/** Air, furniture and the inner skin of the walls, per cubic metre of room. */
const heatCapacityJPerM3K = 12_000;
const lampLux = 420;
const lampsOffMinute = 1_200;

/** Rooms with people who come, go for lunch, and stay at home at weekends; air by mass balance, minute by minute. */
export function simulateRooms({ seed, rooms, days, startMs }: SimulatorSettings): ObservationSource {
  const random = createRandom(seed);
  const observations = Array.from({ length: rooms }, (_, index) =>
    simulateRoom(createRoom(index, random), { days, startMs, random }),
  ).flat();
  observations.sort((left, right) => left.atMs - right.atMs);
  return { says: `SIMULATED readings: ${rooms} rooms, ${days} days, seed ${seed} (no sensor was involved)`, observations };
}

function createRoom(index: number, random: Random): Room {
  return {
    name: `room-${index + 1}`,
    volumeM3: 45 + random() * 60,
    desks: 1 + Math.floor(random() * 4),
    airChangesPerHour: 0.6 + random() * 0.9,
    windowLux: 250 + random() * 450,
    arrivesMinute: 460 + random() * 80,
    leavesMinute: 1_010 + random() * 90,
  };
}

interface Presence {
  people: number;
  lampOn: boolean;
}

interface Moment {
  readonly atMs: number;
  readonly minuteOfDay: number;
  readonly daylightLux: number;
}

function simulateRoom(room: Room, { days, startMs, random }: { days: number; startMs: number; random: Random }): Observation[] {
  const air: Air = { co2Ppm: outside.co2Ppm + 30, temperatureC: 20.5, humidityRatio: 0.0042 };
  const presence: Presence = { people: 0, lampOn: false };
  return Array.from({ length: days * minutesADay }, (_, minute) => {
    const moment = momentAt(room, startMs + minute * minuteMs);
    live(presence, room, { moment, random });
    breathe(air, room, { people: presence.people, minuteOfDay: moment.minuteOfDay });
    return observe(room, { air, presence, moment, random });
  });
}

function momentAt(room: Room, atMs: number): Moment {
  const minuteOfDay = Math.floor(atMs / minuteMs) % minutesADay;
  const cloud = 0.4 + 0.6 * Math.abs(Math.sin(atMs / 5.3e7)); // days differ, hours less so
  const daylightLux = Math.max(0, Math.sin(((minuteOfDay / 60 - 7.5) / 10) * Math.PI)) * room.windowLux * cloud;
  return { atMs, minuteOfDay, daylightLux };
}

/** Arrivals and departures as chances a minute, so that no two days are alike; the lamp follows people, not always at once. */
function live(presence: Presence, room: Room, { moment, random }: { moment: Moment; random: Random }): void {
  const before = presence.people;
  presence.people += comings(before, room, { moment, random });
  if (before === 0 && presence.people > 0) presence.lampOn = moment.daylightLux < 150 || random() < 0.6;
  if (before > 0 && presence.people === 0) presence.lampOn = presence.lampOn && random() < 0.15; // the last one forgets
  if (moment.minuteOfDay === lampsOffMinute && presence.people === 0) presence.lampOn = false; // the cleaners do not
}

/** How many come (1) or go (-1) in this minute. */
function comings(people: number, room: Room, { moment, random }: { moment: Moment; random: Random }): number {
  const { minuteOfDay } = moment;
  const weekday = new Date(moment.atMs).getUTCDay();
  const lunch = minuteOfDay > 725 && minuteOfDay < 775;
  const working = weekday !== 0 && weekday !== 6 && minuteOfDay > room.arrivesMinute && minuteOfDay < room.leavesMinute && !lunch;
  if (!working) return people > 0 && random() < 0.2 ? -1 : 0;
  if (people < room.desks && random() < 0.08) return 1;
  return people > 0 && random() < 0.006 ? -1 : 0;
}

function breathe(air: Air, room: Room, { people, minuteOfDay }: { people: number; minuteOfDay: number }): void {
  const exchanged = room.airChangesPerHour / 60;
  const outsideC = 4 + 4 * Math.sin(((minuteOfDay - 540) / minutesADay) * 2 * Math.PI);
  air.co2Ppm += ((people * person.co2M3PerMinute) / room.volumeM3) * 1e6 - exchanged * (air.co2Ppm - outside.co2Ppm);
  air.humidityRatio +=
    (people * person.waterKgPerMinute) / (room.volumeM3 * airDensityKgM3) -
    exchanged * (air.humidityRatio - outside.humidityRatio);
  const heatingW = air.temperatureC < 20.5 ? 25 * room.volumeM3 * (20.5 - air.temperatureC) : 0;
  const lossW = room.volumeM3 * 0.9 * (air.temperatureC - outsideC);
  air.temperatureC +=
    ((people * person.heatW + heatingW + room.volumeM3 * 13 - lossW) * 60) / (heatCapacityJPerM3K * room.volumeM3);
}

interface Scene {
  readonly air: Air;
  readonly presence: Presence;
  readonly moment: Moment;
  readonly random: Random;
}

/** The room through its sensors: noise, and now and then a reading that is nonsense. */
function observe(room: Room, { air, presence, moment, random }: Scene): Observation {
  const noise = (deviation: number): number => deviation * gaussian(random);
  const spikePpm = random() < 0.0005 ? 2_500 : 0;
  return {
    building: 'simulated',
    room: room.name,
    atMs: moment.atMs,
    temperatureC: air.temperatureC + noise(0.05),
    humidityPct: relativeHumidity(air.humidityRatio, air.temperatureC) + noise(0.2),
    lightLux: Math.max(0, moment.daylightLux + (presence.lampOn ? lampLux : 0) + noise(4)),
    co2Ppm: air.co2Ppm + noise(6) + spikePpm,
    humidityRatio: air.humidityRatio,
    occupied: presence.people > 0,
  };
}

/** Relative humidity in percent at sea level, by Magnus' formula for the saturation pressure. */
function relativeHumidity(humidityRatio: number, temperatureC: number): number {
  const vapourPa = (humidityRatio * 101_325) / (0.622 + humidityRatio);
  const saturationPa = 611.2 * Math.exp((17.62 * temperatureC) / (243.12 + temperatureC));
  return Math.min(100, (100 * vapourPa) / saturationPa);
}

function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
