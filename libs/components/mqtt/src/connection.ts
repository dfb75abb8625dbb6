import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Clock, Problem } from '@penstock/kernel';
import mqttPacket, { type IConnackPacket, type Packet, type Parser } from 'mqtt-packet';
import { addressOf, credentialsOf, type MqttSourceConfig } from './config.ts';
import { bytesOf, type Frame, FrameReader } from './frames.ts';
import * as problems from './problems.ts';
import { isPublish, type PublishFrame, parsePublish } from './publish-frame.ts';

/** Room for topic and properties beside the payload: two strings of the greatest length. */
const headBytesMax = 131_072;
const closeTimeoutMs = 2_000;
const silentTicksMax = 3;

export interface ConnectionOptions {
  readonly config: MqttSourceConfig;
  readonly clock: Clock;
  /** Whether one more publish may be taken in. */
  hasRoom(): boolean;
  /** Whether nothing that was read waits for anything: what a caught-up session looks like. */
  isIdle(): boolean;
  onPublish(frame: PublishFrame): void;
  onPacket(packet: Packet): void;
  /** Bytes were read and worked through. */
  onRead(): void;
  /** A connection that stood is gone. Called once, and not after `close`. */
  onLost(problem: Problem): void;
}

/** Connects and waits for the broker's yes. Throws a problem that says why not. */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const connection = new Connection(options);
  await connection.opened;
  return connection;
}

/**
 * One network connection: CONNECT, pings, and reading that stops at a publish for which there is no room. Pings go out by the
 * clock and wait for nothing. Any byte that comes proves life; while reading is stopped nothing can come and nothing is asked.
 */
export class Connection {
  readonly opened: Promise<void>;
  readonly broker: string;
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #parser: Parser;
  readonly #protocolVersion: 4 | 5;
  readonly #over = new AbortController();
  readonly #opening = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #connack: IConnackPacket | null = null;
  #stalled: Frame | null = null;
  #paused = false;
  #probeAtMs: number | null = null;
  #idleAtMs: number | null = null;

  constructor(options: ConnectionOptions) {
    const { config, clock } = options;
    this.#options = options;
    this.opened = this.#opening.promise;
    this.broker = `mqtt ${addressOf(config).shown}`;
    this.#protocolVersion = config.protocol === '5' ? 5 : 4;
    this.#reader = new FrameReader(config.payloadBytesKept + headBytesMax);
    this.#parser = mqttPacket.parser({ protocolVersion: this.#protocolVersion });
    this.#parser.on('packet', (packet) => this.#onPacket(packet));
    this.#parser.on('error', (error: Error) => this.fail(problems.malformed(`${this.broker}: ${error.message}`)));
    this.#socket = openSocket(config);
    this.#listen(addressOf(config).secure ? 'secureConnect' : 'connect');
    void clock.sleep(config.connectTimeoutMs, this.#over.signal).then(() => {
      if (this.#connack !== null) return;
      this.fail(problems.unreachable(`${this.broker}: no answer to CONNECT within ${config.connectTimeoutMs} ms`));
    });
  }

  get sessionPresent(): boolean {
    return this.#connack?.sessionPresent ?? false;
  }

  /** True while reading is stopped for lack of room. */
  get paused(): boolean {
    return this.#paused;
  }

  /** When a ping last came back with no publish before it, sent at a time when nothing waited; null: not on this connection. */
  get idleAtMs(): number | null {
    return this.#idleAtMs;
  }

  send(packet: Packet): void {
    if (this.#over.signal.aborted) return;
    this.#socket.write(mqttPacket.generate(packet, { protocolVersion: this.#protocolVersion }));
  }

  /** PUBACK of each, in this order, in one write. */
  acknowledge(packetIds: readonly number[]): void {
    if (packetIds.length === 0 || this.#over.signal.aborted) return;
    const bytes = Buffer.allocUnsafe(packetIds.length * 4);
    for (const [index, packetId] of packetIds.entries()) {
      bytes.writeUInt16BE(0x40_02, index * 4);
      bytes.writeUInt16BE(packetId, index * 4 + 2);
    }
    this.#socket.write(bytes);
  }

  /** Goes on reading if there is room now. */
  resume(): void {
    if (!this.#paused || this.#over.signal.aborted || !this.#options.hasRoom()) return;
    this.#paused = false;
    this.#work();
    if (!this.#paused) this.#socket.resume();
  }

  /** Ends the connection because of a problem. */
  fail(problem: Problem): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#socket.destroy();
    if (this.#connack === null) this.#opening.reject(problem);
    else this.#options.onLost(problem);
  }

  /** Says goodbye after all that was written; the session stays at the broker. */
  async close(): Promise<void> {
    if (this.#over.signal.aborted) return;
    this.send({ cmd: 'disconnect' });
    this.#over.abort();
    this.#opening.reject(problems.unreachable(`${this.broker}: closed before the broker answered`));
    this.#socket.end();
    this.#socket.resume(); // else the end of the stream waits behind what nobody reads any more
    const timer = new AbortController();
    await Promise.race([this.#ended.promise, this.#options.clock.sleep(closeTimeoutMs, timer.signal)]);
    timer.abort();
    this.#socket.destroy();
  }

  #listen(connected: 'connect' | 'secureConnect'): void {
    const socket = this.#socket;
    this.opened.catch(() => undefined); // whoever opened it hears of it; closing early is nobody's failure
    socket.once(connected, () => this.#greet());
    socket.on('data', (chunk: Buffer) => {
      if (this.#over.signal.aborted) return;
      this.#reader.push(chunk);
      this.#work();
    });
    socket.on('error', (thrown) => {
      this.fail(problems.problemOfSocket(thrown, { broker: this.broker, stood: this.#connack !== null }));
    });
    socket.once('close', () => {
      this.#ended.resolve();
      if (this.#connack !== null) this.fail(problems.connectionLost(`${this.broker}: the broker closed the connection`));
      else this.fail(problems.unreachable(`${this.broker}: the broker closed the connection before it answered CONNECT`));
    });
  }

  #greet(): void {
    const { config } = this.#options;
    const { username, password } = credentialsOf(config);
    this.#socket.setNoDelay(true);
    this.#socket.setKeepAlive(true, config.keepaliveMs);
    const expiryS = Math.min(Math.ceil(config.sessionExpiryMs / 1_000), 0xffff_ffff);
    this.send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: this.#protocolVersion,
      clean: false,
      clientId: config.clientId,
      keepalive: config.keepaliveMs / 1_000,
      ...(username === null ? {} : { username }),
      ...(password === null ? {} : { password: Buffer.from(password) }),
      ...(this.#protocolVersion === 5
        ? { properties: { sessionExpiryInterval: expiryS, receiveMaximum: config.windowRows } }
        : {}),
    });
  }

  #work(): void {
    try {
      while (!this.#over.signal.aborted && this.#step());
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      this.fail(thrown);
    }
    this.#options.onRead();
  }

  /** Works through one packet; false: there is none, or no room for it. */
  #step(): boolean {
    const frame = this.#stalled ?? this.#reader.next();
    this.#stalled = null;
    if (frame === null) return false;
    if (!isPublish(frame)) {
      if (frame.body.length < frame.bodyBytes) throw problems.malformed(`${this.broker}: a packet of ${frame.bodyBytes} bytes`);
      this.#parser.parse(bytesOf(frame));
      return true;
    }
    if (this.#connack === null) throw problems.malformed(`${this.broker}: a PUBLISH before CONNACK`);
    this.#probeAtMs = null;
    if (!this.#options.hasRoom()) {
      this.#stalled = frame;
      this.#paused = true;
      this.#socket.pause();
      return false;
    }
    this.#options.onPublish(parsePublish(frame, this.#protocolVersion === 5));
    return true;
  }

  #onPacket(packet: Packet): void {
    if (packet.cmd === 'connack') this.#onConnack(packet);
    else if (packet.cmd === 'disconnect') this.fail(problems.problemOfDisconnect(packet.reasonCode ?? 0, this.broker));
    else if (packet.cmd === 'pingresp') this.#onPong();
    else this.#options.onPacket(packet);
  }

  #onConnack(packet: IConnackPacket): void {
    const { config } = this.#options;
    const code = packet.reasonCode ?? packet.returnCode ?? 0;
    const at = { broker: this.broker, protocol: config.protocol, clientId: config.clientId };
    if (code !== 0) return this.fail(problems.problemOfConnack(code, at));
    this.#connack = packet;
    const keepaliveMs = (packet.properties?.serverKeepAlive ?? config.keepaliveMs / 1_000) * 1_000;
    if (keepaliveMs > 0) void this.#keepAlive(keepaliveMs / 2);
    this.#opening.resolve();
  }

  /** Counts ticks, not time: a process that was stopped for a while has not listened and must not judge. */
  async #keepAlive(tickMs: number): Promise<void> {
    const { clock } = this.#options;
    let silentTicks = 0;
    let bytesRead = this.#socket.bytesRead;
    while (!this.#over.signal.aborted) {
      await clock.sleep(tickMs, this.#over.signal);
      if (this.#over.signal.aborted) return;
      silentTicks = this.#paused || this.#socket.bytesRead !== bytesRead ? 0 : silentTicks + 1;
      bytesRead = this.#socket.bytesRead;
      if (silentTicks >= silentTicksMax) {
        return this.fail(problems.silent(`${this.broker}: not a byte for ${silentTicks * tickMs} ms, though pings went out`));
      }
      this.#probeAtMs = this.#options.isIdle() ? clock.nowMs() : null;
      this.send({ cmd: 'pingreq' });
    }
  }

  #onPong(): void {
    if (this.#probeAtMs !== null) this.#idleAtMs = this.#probeAtMs;
    this.#probeAtMs = null;
  }
}

function openSocket(config: MqttSourceConfig): Socket {
  const { host, port, secure } = addressOf(config);
  if (!secure) return connectTcp({ host, port });
  const { ca, cert, key } = config.tls ?? {};
  return connectTls({
    host,
    port,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
}
