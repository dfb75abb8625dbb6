import { rmSync } from 'node:fs';
import { type Broker, openBrokers } from '@penstock/brokers';
import { createRandom, systemClock } from '@penstock/kernel';
import { until } from '@penstock/testing';
import { GatewayProcess } from './gateway-process.ts';
import { type Registration, Registrations } from './registrations.ts';
import { auditRegistry, type Listing, type RegistryAudit } from './registry-audit.ts';
import { type Fault, type Ground, registryFaults } from './registry-faults.ts';
import { isReading, listSchemas } from './registry-watcher.ts';

export interface RegistryRunOptions {
  /** Holds the broker's data; erased before and after. */
  readonly folder: string;
  readonly seed: number;
  readonly perSecond: number;
  /** Each fault has so long for itself, or as long as it takes. */
  readonly slotMs: number;
  readonly frozenMs: number;
  readonly tell: (line: string) => void;
}

/** One fault, and what became of the registrations that were begun around it. */
export interface RegistryFaultReport {
  readonly name: string;
  readonly acknowledged: number;
  readonly stored: number;
  readonly lost: number;
  readonly duplicates: number;
  /** Versions that are missing, over the whole run: they belong to no one registration. */
  readonly outOfOrder: number;
  /** Questions that were asked again. */
  readonly redelivered: number;
  /** From the strike until a write that was begun after it was answered; of Kafka: from when it answered again. */
  readonly recoverySeconds: number;
  /** Until no gateway said any more that it reads the topic; null: that took too long. */
  readonly unreadySeconds?: number | null;
  /** Begun before and answered after. */
  readonly held: number;
  /** It proved nothing: no author had to wait for its end, or to ask twice. */
  readonly void: boolean;
}

export interface RegistryRunReport {
  readonly seed: number;
  readonly faults: readonly RegistryFaultReport[];
  readonly audit: RegistryAudit;
  /** Milliseconds from the first question of a registration to its answer, over the whole run. */
  readonly answerMs: { readonly median: number; readonly p99: number; readonly max: number };
  readonly longestWaitSeconds: number;
  /** Answers that no author should get. */
  readonly refusals: readonly string[];
  readonly wallSeconds: number;
  readonly holds: boolean;
}

const changeMsMax = 8_000;
/** What a gateway itself may need beyond the time that a change has. */
const graceMs = 2_000;
const subjects = 10;
const recoveryMsMax = 60_000;
const recoverySecondsMax = 5;
const unreadySecondsMax = 1;

interface Struck {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly recoveryFromMs: number;
  readonly recoverySeconds: number;
  readonly unreadySeconds?: number | null;
}

/** New schemas at a steady rate over three gateways, one fault after the other, and an audit of each gateway and of a fresh one. */
export async function runRegistryFaults(options: RegistryRunOptions): Promise<RegistryRunReport> {
  rmSync(options.folder, { recursive: true, force: true });
  await using brokers = await openBrokers({ folder: options.folder, names: ['kafka'] });
  return await runOn(brokers.kafka, { ...options, faults: registryFaults, topics: {} });
}

export interface RunOnOptions extends Omit<RegistryRunOptions, 'folder'> {
  readonly faults: readonly Fault[];
  /** Settings of the gateways that name other topics than the usual ones. */
  readonly topics: NodeJS.ProcessEnv;
}

/** As `runRegistryFaults`, with the faults that one likes on a broker that stands. */
export async function runOn(kafka: Broker, options: RunOnOptions): Promise<RegistryRunReport> {
  const { seed, perSecond, frozenMs, faults, topics } = options;
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1_000;
  const tell = (line: string): void => options.tell(`${seconds().toFixed(1).padStart(6)} s  ${line}`);
  const env = { PENSTOCK_KAFKA: kafka.address, PENSTOCK_CHANGE_MS_MAX: String(changeMsMax), ...topics };
  await using stack = new AsyncDisposableStack();
  const open = async (name: string): Promise<GatewayProcess> => stack.use(await GatewayProcess.open(name, env));
  const gateways = [await open('a'), await open('b'), await open('c')];
  tell('three gateways are ready');
  const registrations = new Registrations({ gateways, subjects, perSecond, answerMsMax: changeMsMax + graceMs });
  const ground: Ground = { kafka, gateways, registrations, random: createRandom(seed), frozenMs };
  await until(() => registrations.acknowledged >= perSecond, { deadlineMs: 30_000, what: 'the first registrations' });
  const struck: Struck[] = [];
  for (const fault of faults) struck.push(await strike(fault, ground, { ...options, tell }));
  await registrations.stop();
  tell(`${registrations.acknowledged} registrations are answered: asking each gateway, and a fresh one, what it knows`);
  const allRead = async (): Promise<boolean> => (await Promise.all(gateways.map(isReading))).every(Boolean);
  await until(allRead, { deadlineMs: 20_000, what: 'all gateways to read' });
  const listings: Listing[] = [];
  for (const gateway of [...gateways, await open('fresh')]) listings.push(await listSchemas(gateway));
  return { ...reportOf(registrations, { struck, listings, seed }), wallSeconds: seconds() };
}

async function strike(fault: Fault, ground: Ground, { slotMs, tell }: RunOnOptions): Promise<Struck> {
  const { registrations, random } = ground;
  const fromMs = performance.now();
  await systemClock.sleep(slotMs * (0.1 + 0.2 * random()));
  const failuresBefore = registrations.failures;
  const { recoveryFromMs, heal, ...more } = await fault.strike(ground);
  const first = await until(() => firstAnswered(registrations.all, recoveryFromMs), {
    deadlineMs: recoveryMsMax,
    what: `a write to be answered again: ${fault.name}`,
  });
  const recoverySeconds = (first.answeredMs - recoveryFromMs) / 1_000;
  await heal();
  const healedMs = performance.now();
  await until(() => registrations.all.every(({ id, begunMs }) => id !== null || begunMs > healedMs), {
    deadlineMs: recoveryMsMax,
    what: `everything begun before to be answered: ${fault.name}`,
  });
  await systemClock.sleep(Math.max(0, fromMs + slotMs - performance.now()));
  const again = registrations.failures - failuresBefore;
  tell(
    `${fault.name}: writes again after ${recoverySeconds.toFixed(2)} s; ${again} questions asked again; ${JSON.stringify(more)}`,
  );
  return { name: fault.name, fromMs, toMs: performance.now(), recoveryFromMs, recoverySeconds, ...more };
}

function firstAnswered(all: readonly Registration[], sinceMs: number): Registration | undefined {
  const after = all.filter(({ id, begunMs }) => id !== null && begunMs >= sinceMs);
  return after.toSorted((left, right) => left.answeredMs - right.answeredMs)[0];
}

interface Found {
  readonly struck: readonly Struck[];
  readonly listings: readonly Listing[];
  readonly seed: number;
}

function reportOf(
  { all, refusals, longestWaitMs }: Registrations,
  { struck, listings, seed }: Found,
): Omit<RegistryRunReport, 'wallSeconds'> {
  const audit = auditRegistry(all, listings);
  const faults = struck.map((each) => {
    const own = all.filter(({ begunMs }) => begunMs >= each.fromMs && begunMs < each.toMs);
    const { acknowledged, stored, lost, duplicates } = auditRegistry(own, listings);
    const redelivered = own.reduce((sum, { failures }) => sum + failures, 0);
    const { name, recoveryFromMs, recoverySeconds, unreadySeconds } = each;
    const held = own.filter(({ begunMs, answeredMs }) => begunMs < recoveryFromMs && answeredMs >= recoveryFromMs).length;
    const unready = unreadySeconds === undefined ? {} : { unreadySeconds };
    const counts = { acknowledged, stored, lost, duplicates, outOfOrder: audit.gaps, redelivered, held };
    return { name, ...counts, recoverySeconds, ...unready, void: redelivered + held === 0 };
  });
  const answers = all.map(({ begunMs, answeredMs }) => answeredMs - begunMs).sort((left, right) => left - right);
  const at = (part: number): number => Math.round(answers[Math.min(answers.length - 1, Math.floor(answers.length * part))] ?? 0);
  const holds =
    refusals.length + audit.lost + audit.duplicates + audit.gaps + audit.differing === 0 &&
    audit.stored === audit.acknowledged &&
    longestWaitMs <= changeMsMax + graceMs &&
    faults.every((fault) => !fault.void && fault.recoverySeconds <= recoverySecondsMax && isUnreadyInTime(fault));
  return {
    ...{ seed, faults, audit, refusals, holds },
    answerMs: { median: at(0.5), p99: at(0.99), max: at(1) },
    longestWaitSeconds: longestWaitMs / 1_000,
  };
}

function isUnreadyInTime({ unreadySeconds }: RegistryFaultReport): boolean {
  return unreadySeconds === undefined || (unreadySeconds !== null && unreadySeconds <= unreadySecondsMax);
}
