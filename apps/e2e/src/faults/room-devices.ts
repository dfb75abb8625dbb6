import { type Random, systemClock } from '@penstock/kernel';
import { type MqttPublisher, openMqttPublisher } from '@penstock/mqtt';

export interface RoomDevicesOptions {
  readonly mqttUrl: string;
  readonly rooms: number;
  /** From one tick to the next, in real time; on the devices' clock it is a minute. */
  readonly tickMs: number;
  /** The minute of the first tick, in milliseconds since the epoch. */
  readonly startMs: number;
  readonly random: Random;
  /** Each acknowledged publish becomes a line here. */
  readonly acknowledgedFile: string;
}

interface Measured {
  readonly deviceId: string;
  readonly [value: string]: string | number | boolean;
}

export const minuteMs = 60_000;
const windowRows = 1_024;
/** So long a room stays as it is, in ticks: somebody is there or nobody is. */
const sittingTicks = 20;

/**
 * The sensors and cameras of some rooms, which publish over one connection until they are stopped. In each tick each device
 * publishes once, so a reading's sequence says in which tick it was made.
 */
export class RoomDevices implements AsyncDisposable {
  readonly #options: RoomDevicesOptions;
  readonly #publisher: MqttPublisher;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #tick = 0;
  #acknowledged = 0;

  private constructor(options: RoomDevicesOptions, publisher: MqttPublisher) {
    this.#options = options;
    this.#publisher = publisher;
    this.#running = this.#run();
  }

  static async open(options: RoomDevicesOptions): Promise<RoomDevices> {
    const { mqttUrl, acknowledgedFile } = options;
    const publisher = await openMqttPublisher({ url: mqttUrl, clientId: 'room-devices', windowRows }, { acknowledgedFile });
    return new RoomDevices(options, publisher);
  }

  /** Ticks that were begun. */
  get tick(): number {
    return this.#tick;
  }

  /** Readings that the broker has promised to keep; labels are not counted. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** The minute of a tick. */
  minuteOf(tick: number): number {
    return this.#options.startMs + (tick - 1) * minuteMs;
  }

  /** Resolves when everything that was published is acknowledged. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#tick += 1;
      const ticked = systemClock.sleep(this.#options.tickMs, signal);
      for (let room = 0; room < this.#options.rooms; room += 1) await this.#publishRoom(room);
      await ticked;
    }
    await this.#publisher[Symbol.asyncDispose]();
  }

  async #publishRoom(room: number): Promise<void> {
    const { random } = this.#options;
    const occupied = Math.floor((this.#tick + room) / sittingTicks) % 2 === 1;
    const around = (value: number, width: number): number => value + (random() - 0.5) * width;
    await this.#publish(room, 'reading', { deviceId: 'co2', co2Ppm: around(occupied ? 900 : 450, 40) });
    await this.#publish(room, 'reading', { deviceId: 'temperature', temperatureC: around(occupied ? 22 : 20, 1) });
    await this.#publish(room, 'reading', { deviceId: 'humidity', humidityPct: around(occupied ? 35 : 28, 2) });
    await this.#publish(room, 'reading', { deviceId: 'light', lightLux: around(occupied ? 450 : 60, 80) });
    await this.#publish(room, 'label', { deviceId: 'camera', occupied });
  }

  async #publish(room: number, kind: 'reading' | 'label', { deviceId, ...values }: Measured): Promise<void> {
    const observed = { deviceId: `room-${room}-${deviceId}`, sequence: this.#tick, observedAtMs: this.minuteOf(this.#tick) };
    const payload = { ...observed, ...values };
    const id = JSON.stringify({ kind, key: `faults/room-${room}`, ...payload });
    await this.#publisher.room();
    const topic = `building/faults/room/room-${room}/${kind}`;
    void this.#publisher
      .publish({ topic, payload: JSON.stringify(payload), id, contentType: 'application/json' })
      .then(() => this.#count(kind));
  }

  #count(kind: 'reading' | 'label'): void {
    if (kind === 'reading') this.#acknowledged += 1;
  }
}
