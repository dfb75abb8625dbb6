import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type MqttPublisher, openMqttPublisher } from '@penstock/mqtt';
import { type Changes, type DeviceReading, readingsOf } from './devices.ts';
import type { Observation } from './observation.ts';
import { observe } from './observe.ts';
import { waitBetween } from './pace.ts';
import {
  type AcknowledgedPublish,
  type Counts,
  lightShifts,
  type PublishingCommand,
  type PublishingNews,
  type PublishingOrder,
} from './publishing.ts';

/**
 * The devices of the demo, as a process of their own: what they were promised by the broker stands in a file that no other part
 * writes. Told what to do on standard input, says how it goes on standard output.
 */
const progressMs = 200;

function tell(news: PublishingNews): void {
  process.stdout.write(`${JSON.stringify(news)}\n`);
}

function acknowledgedOf({ kind, topic, payload }: DeviceReading): string {
  const [, building, , room] = topic.split('/');
  const line: AcknowledgedPublish = { kind, key: `${building}/${room}`, ...JSON.parse(payload) };
  return JSON.stringify(line);
}

/** What an earlier run was promised already: it is not sent again. */
function acknowledgedBefore(file: string): Set<string> {
  if (!existsSync(file)) return new Set();
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return new Set(lines.map((line) => nameOf(JSON.parse(line) as AcknowledgedPublish)));
}

function nameOf({ kind, deviceId, sequence }: Pick<AcknowledgedPublish, 'kind' | 'deviceId' | 'sequence'>): string {
  return `${kind} ${deviceId} ${sequence}`;
}

class Devices {
  readonly #order: PublishingOrder;
  readonly #publisher: MqttPublisher;
  readonly #observations: readonly Observation[];
  readonly #holds: number[];
  #go = Promise.withResolvers<void>();
  #shiftFromMs: number | null;
  readonly #before: ReadonlySet<string>;
  #published = 0;
  #acknowledged = 0;
  #readings = 0;
  #atMs = 0;
  #ended = false;

  constructor(order: PublishingOrder, publisher: MqttPublisher, observations: readonly Observation[]) {
    this.#order = order;
    this.#publisher = publisher;
    this.#observations = observations;
    this.#holds = [...order.holds].sort((left, right) => left - right);
    this.#shiftFromMs = order.shift.fromMs;
    this.#before = acknowledgedBefore(order.acknowledgedFile);
    this.#published = this.#before.size;
    this.#acknowledged = this.#before.size;
    this.#readings = [...this.#before].filter((name) => name.startsWith('reading ')).length;
  }

  obey(command: PublishingCommand): void {
    if ('go' in command) this.#go.resolve();
    if ('end' in command) {
      this.#ended = true;
      this.#go.resolve();
    }
    if ('shiftNow' in command && this.#shiftFromMs === null) {
      this.#shiftFromMs = this.#atMs;
      tell({ news: 'shifted', atMs: this.#atMs });
    }
  }

  async run(): Promise<void> {
    const order = this.#order;
    const progress = setInterval(() => this.#tellProgress(), progressMs);
    const changes: Changes = {
      shift: lightShifts[order.shift.kind],
      shiftFromMs: () => this.#shiftFromMs,
      batteryFromMs: order.batteryFromMs,
      labelDelayMs: order.labelDelayMs,
    };
    for (const reading of readingsOf(this.#observations, changes)) {
      if (this.#ended) break;
      if (!this.#before.has(nameOf(reading))) await this.#send(reading);
    }
    clearInterval(progress);
  }

  /** At most a window of publishes is under way; the devices' clock goes on by what was sent. */
  async #send(reading: DeviceReading): Promise<void> {
    await this.#keepPace(reading.sentAtMs);
    await this.#publisher.room();
    this.#published += 1;
    this.#publisher
      .publish({ topic: reading.topic, payload: reading.payload, id: acknowledgedOf(reading), contentType: 'application/json' })
      .then(() => this.#promised(reading))
      .catch((thrown: unknown) => {
        if (!this.#ended) throw thrown;
      });
  }

  #promised({ kind }: DeviceReading): void {
    this.#acknowledged += 1;
    if (kind === 'reading') this.#readings += 1;
  }

  async #keepPace(atMs: number): Promise<void> {
    if (atMs <= this.#atMs) return;
    while (this.#holds[0] !== undefined && this.#holds[0] <= atMs) await this.#hold(this.#holds.shift() as number);
    const waitMs = this.#atMs === 0 ? 0 : waitBetween(this.#atMs, atMs, this.#order.paces);
    this.#atMs = atMs;
    if (waitMs >= 1) await delay(waitMs);
  }

  async #hold(atMs: number): Promise<void> {
    this.#tellProgress();
    tell({ news: 'held', atMs });
    await this.#go.promise;
    this.#go = Promise.withResolvers<void>();
  }

  #tellProgress(): void {
    tell({ news: 'progress', atMs: this.#atMs, ...this.counts });
  }

  get counts(): Counts {
    return { published: this.#published, acknowledged: this.#acknowledged, readings: this.#readings };
  }
}

async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const first = await lines.next();
  const order = JSON.parse(first.value as string) as PublishingOrder;
  const { says, observations } = observe(order);
  tell({ news: 'source', says, readings: observations.length });
  const publisher = await openMqttPublisher(
    { url: order.mqttUrl, clientId: order.clientId, windowRows: 512 },
    { acknowledgedFile: order.acknowledgedFile },
  );
  const devices = new Devices(order, publisher, observations);
  void (async () => {
    for (let line = await lines.next(); !line.done; line = await lines.next())
      devices.obey(JSON.parse(line.value) as PublishingCommand);
    devices.obey({ end: true }); // whoever started this process is gone
  })();
  await devices.run();
  await publisher[Symbol.asyncDispose]();
  tell({ news: 'done', ...devices.counts });
  process.exit(0);
}

await main();
