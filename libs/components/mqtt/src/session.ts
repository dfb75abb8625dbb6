import { type Clock, Problem } from '@penstock/kernel';
import type { Header } from '@penstock/pipeline';
import type { ISubackPacket, Packet } from 'mqtt-packet';
import type { MqttRow } from './batch.ts';
import type { MqttSourceConfig } from './config.ts';
import { type Connection, openConnection } from './connection.ts';
import { createFilterMemory, type FilterMemory } from './filter-memory.ts';
import * as problems from './problems.ts';
import type { PublishFrame } from './publish-frame.ts';
import { TakeoverWatch } from './takeover-watch.ts';
import { isShared, Topics } from './topics.ts';
import { Window } from './window.ts';

/** What happens to the session, told as it happens; nothing waits for the listener. */
export interface MqttSourceEvents {
  connected?(facts: { sessionPresent: boolean }): void;
  /** A connection was lost, or could not be made. The engine hears of it when all that was received is settled. */
  lost?(problem: Problem): void;
  /** The broker had forgotten the session of this process: what it held for us is gone. */
  sessionForgotten?(): void;
  subscribed?(filters: readonly string[]): void;
  unsubscribed?(filters: readonly string[]): void;
}

export interface MqttSourceContext {
  readonly clock: Clock;
  /** Without it filters of earlier processes are not known; what still comes by them is refused row by row. */
  readonly remembered?: FilterMemory;
  readonly events?: MqttSourceEvents;
}

/** Where a session stands. */
export interface MqttReading {
  /** Connections accepted so far. */
  readonly connections: number;
  readonly connected: boolean;
  /** Publishes received so far, without retransmissions. */
  readonly received: number;
  readonly heldRows: number;
  readonly heldBytes: number;
  readonly unacknowledged: number;
  /** True while the socket is not read for lack of room. */
  readonly paused: boolean;
}

const utf8 = new TextEncoder();
const retained: Header = ['mqtt_retained', utf8.encode('true')];
const retainHandling = { always: 0, new: 1, never: 2 } as const;
const nothing = new Uint8Array(0);

/** One persistent session at a broker: its unsettled publishes, which outlive connections, and its connection, if it has one. */
export class Session {
  readonly window: Window<MqttRow>;
  readonly #config: MqttSourceConfig;
  readonly #context: MqttSourceContext;
  readonly #remembered: FilterMemory;
  readonly #topics: Topics;
  readonly #watch: TakeoverWatch;
  readonly #changed: () => void;
  #connection: Connection | null = null;
  #connecting: Promise<void> | null = null;
  #failure: unknown = null;
  #forgotten: readonly string[] = [];
  #closed = false;
  #intake = true;
  #connections = 0;
  #connectedAtMs = 0;
  #received = 0;

  constructor(config: MqttSourceConfig, context: MqttSourceContext, changed: () => void) {
    this.#config = config;
    this.#context = context;
    this.#remembered = context.remembered ?? createFilterMemory();
    this.#topics = new Topics(config.topics);
    this.#watch = new TakeoverWatch(config.clientId);
    this.#changed = changed;
    // Positions of a new process lie above those of the last one: dead letters are known by them.
    const first = context.clock.nowMs() * 1_000;
    this.window = new Window({ rows: config.windowRows, bytes: config.windowBytesMax }, first);
  }

  /** What was thrown when there is no connection and none is on its way; else null. */
  get failure(): unknown {
    return this.#failure;
  }

  get idleAtMs(): number | null {
    return this.#connection?.idleAtMs ?? null;
  }

  reading(): MqttReading {
    return {
      connections: this.#connections,
      connected: this.#connection !== null,
      received: this.#received,
      heldRows: this.window.rows,
      heldBytes: this.window.bytes,
      unacknowledged: this.window.unacknowledged,
      paused: this.#connection?.paused ?? false,
    };
  }

  /** Connects unless it is connected; what comes of it shows in `failure`. */
  connect(): void {
    if (this.#connection !== null || this.#connecting !== null || this.#closed) return;
    this.#failure = null;
    this.#connecting = this.#open()
      .catch((thrown: unknown) => this.#failed(thrown))
      .finally(() => {
        this.#connecting = null;
        this.#changed();
      });
  }

  /** Settles, answers what came by the present connection, and goes on reading if that made room. */
  settle(to: number): void {
    const packetIds = this.window.settle(to);
    this.#connection?.acknowledge(packetIds);
    this.#connection?.resume();
    this.#changed();
  }

  /** Takes no more publishes in; pings and acknowledgements go on. */
  stopIntake(): void {
    this.#intake = false;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connecting;
    // A shared subscription must not wait for a replica that may never come back: its group takes over.
    const shared = this.#config.topics.filter(isShared);
    if (shared.length > 0) this.#connection?.send({ cmd: 'unsubscribe', messageId: 3, unsubscriptions: [...shared] });
    await this.#connection?.close();
    this.#connection = null;
  }

  async #open(): Promise<void> {
    const { clientId, topics } = this.#config;
    const before = await this.#remembered.load(clientId);
    // Noted before the broker hears of it: a crash in between must not leave a filter that nobody remembers.
    await this.#remembered.save(clientId, [...new Set([...before, ...topics])]);
    const connection = await openConnection({
      config: this.#config,
      clock: this.#context.clock,
      hasRoom: () => this.#intake && this.window.hasRoom(),
      isIdle: () => this.window.rows === 0,
      onPublish: (frame) => this.#receive(frame),
      onPacket: (packet) => this.#onPacket(packet),
      onRead: this.#changed,
      onLost: (problem) => this.#lost(problem),
    });
    this.#connectedAtMs = this.#context.clock.nowMs();
    this.#connection = connection;
    this.#connections += 1;
    this.#context.events?.connected?.({ sessionPresent: connection.sessionPresent });
    if (this.#connections > 1 && !connection.sessionPresent) this.#context.events?.sessionForgotten?.();
    this.#subscribe(connection, before);
  }

  /** Subscribes anew on each connection: a broker that was killed may remember a session and not its last subscriptions. */
  #subscribe(connection: Connection, before: readonly string[]): void {
    const { qos, topics, protocol, retained: when } = this.#config;
    const forgotten = before.filter((filter) => !topics.includes(filter));
    this.#forgotten = forgotten;
    if (forgotten.length > 0) {
      connection.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: forgotten });
    }
    const options = protocol === '5' ? { nl: false, rap: true, rh: retainHandling[when] } : {};
    const subscriptions = topics.map((topic) => ({ topic, qos, ...options }));
    connection.send({ cmd: 'subscribe', messageId: 2, subscriptions });
  }

  #onPacket(packet: Packet): void {
    if (packet.cmd === 'suback') this.#onSuback(packet);
    if (packet.cmd === 'unsuback') this.#onUnsuback();
  }

  #onSuback(packet: ISubackPacket): void {
    const { topics, qos } = this.#config;
    const broker = this.#connection?.broker ?? 'mqtt';
    for (const [index, granted] of (packet.granted as number[]).entries()) {
      const filter = topics[index] ?? '?';
      if (granted >= 0x80) return this.#connection?.fail(problems.problemOfSubscription(granted, { broker, filter }));
      if (granted < qos) {
        const message = `${broker} › subscribe ${filter}: asked for QoS ${qos}, the broker grants ${granted}`;
        return this.#connection?.fail(problems.qosLowered(message));
      }
    }
    this.#context.events?.subscribed?.(topics);
  }

  #onUnsuback(): void {
    const { clientId, topics } = this.#config;
    this.#context.events?.unsubscribed?.(this.#forgotten);
    this.#remembered.save(clientId, topics).catch((thrown: unknown) => this.#failed(thrown));
  }

  #receive(frame: PublishFrame): void {
    const taken = this.window.receive(this.#createRow(frame), {
      packetId: frame.packetId,
      bytes: frame.heldBytes,
    });
    if (taken) this.#received += 1;
  }

  #createRow(frame: PublishFrame): MqttRow {
    const topic = this.#topics.of(frame.topic);
    const headers = frame.retain ? [retained, ...frame.headers] : frame.headers;
    const arrivedAtMs = this.#context.clock.nowMs();
    const { payloadBytesMax, payloadBytesKept } = this.#config;
    if (frame.payload !== null && frame.payloadBytes <= payloadBytesMax) {
      const problem = topic.wanted ? null : forgottenFilter(topic.name);
      return { topic, headers, payload: frame.payload, arrivedAtMs, bytes: frame.heldBytes, problem };
    }
    const kept = frame.payload !== null && frame.payloadBytes <= payloadBytesKept;
    const size: Header = ['mqtt_payload_bytes', utf8.encode(String(frame.payloadBytes))];
    const payload = kept ? (frame.payload as Uint8Array) : nothing;
    const problem = problems.payloadTooLarge(
      `${topic.name}: a payload of ${frame.payloadBytes} bytes, at most ${payloadBytesMax} are taken (payloadBytesMax); ${kept ? 'its bytes are kept' : 'its bytes are not kept (payloadBytesKept)'}`,
      { facts: { payloadBytes: frame.payloadBytes, payloadBytesMax } },
    );
    return { topic, headers: [size, ...headers], payload, arrivedAtMs, bytes: frame.heldBytes, problem };
  }

  #lost(problem: Problem): void {
    const nowMs = this.#context.clock.nowMs();
    this.#connection = null;
    this.window.disconnect();
    this.#failed(this.#watch.judge(problem, { livedMs: nowMs - this.#connectedAtMs, nowMs }));
    this.#changed();
  }

  #failed(thrown: unknown): void {
    this.#failure = thrown;
    if (thrown instanceof Problem && !this.#closed) this.#context.events?.lost?.(thrown);
  }
}

function forgottenFilter(topic: string): Problem {
  return problems.notSubscribed(
    `${topic}: matches no filter of the document; the session at the broker still has one from earlier: unsubscribe it there`,
  );
}
