import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openPlatform, type Platform, readRunningRecord, sentenceOf } from '@penstock/cli';
import { createRandom, type Random } from '@penstock/kernel';
import { until } from '@penstock/testing';
import { type Fault, type FaultOptions, listFaults } from './fault-list.ts';
import { account, type FaultRunReport, inFlightMin, isWhole, type Struck } from './fault-report.ts';
import { applySampleTo, promoteSmallModel } from './prepare-pipeline.ts';
import { minuteMs, RoomDevices } from './room-devices.ts';
import { evidenceBetween, Watcher } from './watcher.ts';

export interface FaultRunOptions extends FaultOptions {
  /** Holds the whole platform; erased before and, when all went well, after. */
  readonly folder: string;
  readonly seed: number;
  readonly tell: (line: string) => void;
  /** Only faults whose name has this in it. */
  readonly only?: string;
}

interface Ground {
  readonly platform: Platform;
  readonly watcher: Watcher;
  readonly devices: RoomDevices;
  readonly random: Random;
}

const rooms = 50;
const tickMs = 500;
const stagesMin = 6;
/** A fault has so many ticks of the stream for itself, or as many as it takes, and strikes between 20 % and 80 % of them. */
const slotTicks = 10;
const recoveryMsMax = 120_000;

/** One stream of readings through a platform of its own, one fault after the other, and an audit at the end. */
export async function runFaults(options: FaultRunOptions): Promise<FaultRunReport> {
  const { folder, tell, seed } = options;
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1_000;
  const said = (line: string): void => tell(`${seconds().toFixed(1).padStart(6)} s  ${line}`);
  if (readRunningRecord(folder) === null) rmSync(folder, { recursive: true, force: true });
  const acknowledgedFile = join(folder, 'acknowledged.ndjson');
  await using platform = await openPlatform({ folder, ports: 'any', by: 'process', said: (event) => said(sentenceOf(event)) });
  await using watcher = new Watcher(platform);
  await applySampleTo(platform.grpcOf('schema-gateway'), options);
  await promoteSmallModel(platform.grpcOf('model-server'));
  await until(() => watcher.flows(stagesMin), { deadlineMs: 60_000, what: 'all stages to flow' });
  const random = createRandom(seed);
  const startMs = Math.floor(Date.now() / minuteMs - 30 * 1_440) * minuteMs; // a month ago: no clock of a device runs ahead
  const mqttUrl = platform.brokers.mosquitto.address;
  await using devices = await RoomDevices.open({ mqttUrl, rooms, tickMs, startMs, random, acknowledgedFile });
  const ground: Ground = { platform, watcher, devices, random };
  await until(() => hasCaughtUp(ground, { readings: rooms, tick: 3 }), { deadlineMs: 60_000, what: 'the first predictions' });
  const struck: Struck[] = [];
  const { only = '' } = options;
  const faults = listFaults(options).filter(({ name }) => name.includes(only));
  for (const fault of faults) struck.push(await strike(fault, ground, said));
  await devices.stop();
  said('the devices have stopped: waiting until everything is stored');
  const last = { readings: devices.acknowledged, tick: devices.tick };
  const settled = await until(() => hasCaughtUp(ground, last), { deadlineMs: 90_000, what: 'the rest' }).catch(() => false);
  if (!settled) said('it is not: counting all the same');
  const found = await account(platform, acknowledgedFile, struck);
  return { seed, ...found, wallSeconds: seconds(), holds: found.audit.holds && found.faults.every(isWhole) };
}

/** Everything up to this moment is archived, and each room has a prediction up to this minute. */
async function hasCaughtUp({ watcher, devices }: Ground, moment: { readings: number; tick: number }): Promise<boolean> {
  if ((await watcher.archived()) < moment.readings) return false;
  return (await watcher.predictedUntilMs(rooms)) >= devices.minuteOf(moment.tick);
}

async function strike(fault: Fault, ground: Ground, tell: (line: string) => void): Promise<Struck> {
  const { platform, watcher, devices, random } = ground;
  const before = await watcher.count();
  const from = devices.tick + 1;
  const at = from + Math.floor(slotTicks * (0.2 + 0.6 * random()));
  await until(() => devices.tick >= at, { deadlineMs: 30_000, what: 'the moment of the fault' });
  await fault.prepare?.(platform);
  const inFlight = await whileInFlight(ground);
  const began = await fault.strike(platform);
  const moment = { readings: devices.acknowledged, tick: devices.tick };
  const healed = async (): Promise<boolean> =>
    (await hasCaughtUp(ground, moment)) &&
    platform.services.every(({ facts }) => facts !== null) &&
    ((await fault.hasHealed?.(platform)) ?? true) &&
    watcher.flows(stagesMin);
  await until(healed, { deadlineMs: recoveryMsMax, what: `recovery: ${fault.name}` });
  const recoverySeconds = (performance.now() - began) / 1_000;
  const evidence = evidenceBetween(before, await watcher.count());
  await until(() => devices.tick >= from + slotTicks, { deadlineMs: 30_000, what: 'the end of the slot' });
  tell(`${fault.name}: recovered after ${recoverySeconds.toFixed(1)} s; ${inFlight} in flight; ${JSON.stringify(evidence)}`);
  return { fault, from, to: devices.tick + 1, inFlight, recoverySeconds, ...evidence };
}

/** Resolves as soon as enough is in flight; answers how much. */
function whileInFlight({ watcher, devices }: Ground): Promise<number> {
  const enough = async (): Promise<number | null> => {
    const inFlight = devices.acknowledged - (await watcher.archived());
    return inFlight >= inFlightMin ? inFlight : null;
  };
  return until(enough, { deadlineMs: 30_000, what: `${inFlightMin} readings in flight` });
}
