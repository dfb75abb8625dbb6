import { Bell } from '@penstock/kernel';
import mqtt, { type IClientPublishOptions, type IConnackPacket, type MqttClient } from 'mqtt';
import { type AcknowledgedFile, openAcknowledgedFile } from './acknowledged-file.ts';
import { addressOf, credentialsOf, type MqttPublisherConfig, type MqttPublisherSettings, mqttPublisherConfig } from './config.ts';
import * as problems from './problems.ts';

export interface Publication {
  readonly topic: string;
  readonly payload: Uint8Array | string;
  /** What the acknowledged file shows; without it the publication is not recorded there. */
  readonly id?: string;
  readonly qos?: 0 | 1;
  readonly retain?: boolean;
  /** MQTT 5 user properties; with 3.1.1 there is no place for them and they are left out. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly contentType?: string;
}

export interface PublisherOptions {
  /** A file to which the id of each publication is appended when its PUBACK has come. */
  readonly acknowledgedFile?: string;
}

/** Publishes in the order of the calls, with a window of publications that wait for their PUBACK. */
export interface MqttPublisher extends AsyncDisposable {
  /** Resolves at the PUBACK (QoS 0: when it is sent), when its id is in the acknowledged file. */
  publish(publication: Publication): Promise<void>;
  /** Resolves when the next publication would go out at once: await it before `publish` to bound what is under way. */
  room(): Promise<void>;
  readonly outstanding: number;
  readonly acknowledged: number;
  /** Times that the broker was reached; 1 while nothing went wrong. */
  readonly connections: number;
}

/**
 * Connects and waits for the first CONNACK; throws a problem that says why there is none. Later outages are waited out: what
 * was not acknowledged is sent again, in its order.
 */
export async function openMqttPublisher(settings: MqttPublisherSettings, options: PublisherOptions = {}): Promise<MqttPublisher> {
  const config = mqttPublisherConfig.parse(settings);
  const client = mqtt.connect(config.url, clientOptions(config));
  try {
    const connack = await firstConnack(client, config);
    const record = options.acknowledgedFile === undefined ? null : openAcknowledgedFile(options.acknowledgedFile);
    const windowRows = Math.min(config.windowRows, connack.properties?.receiveMaximum ?? 65_535);
    return new Publisher({ client, config, record, windowRows });
  } catch (thrown) {
    client.end(true);
    throw thrown;
  }
}

function clientOptions(config: MqttPublisherConfig): mqtt.IClientOptions {
  const { username, password } = credentialsOf(config);
  return {
    clientId: config.clientId,
    protocolVersion: config.protocol === '5' ? 5 : 4,
    clean: true,
    keepalive: config.keepaliveMs / 1_000,
    connectTimeout: config.connectTimeoutMs,
    reconnectPeriod: config.reconnectMs,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...tlsOptions(config),
  };
}

function tlsOptions({ tls }: MqttPublisherConfig): Pick<mqtt.IClientOptions, 'ca' | 'cert' | 'key'> {
  const { ca, cert, key } = tls ?? {};
  return { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
}

function firstConnack(client: MqttClient, config: MqttPublisherConfig): Promise<IConnackPacket> {
  const broker = `mqtt ${addressOf(config).shown}`;
  const { promise, resolve, reject } = Promise.withResolvers<IConnackPacket>();
  client.once('connect', resolve);
  client.on('error', (thrown: NodeJS.ErrnoException | Error) => {
    const code = 'code' in thrown ? thrown.code : undefined;
    const at = { broker, protocol: config.protocol, clientId: config.clientId };
    if (typeof code === 'number') reject(problems.problemOfConnack(code, at));
    else reject(problems.problemOfSocket(thrown, { broker, stood: false }));
  });
  client.once('close', () => reject(problems.unreachable(`${broker}: no answer to CONNECT`)));
  return promise;
}

interface PublisherParts {
  readonly client: MqttClient;
  readonly config: MqttPublisherConfig;
  readonly record: AcknowledgedFile | null;
  readonly windowRows: number;
}

class Publisher implements MqttPublisher {
  readonly #parts: PublisherParts;
  readonly #broker: string;
  /** Publications that wait for room, oldest first. */
  readonly #queue: (() => void)[] = [];
  /** Gives up a publication whose PUBACK has not come: the client forgets about it when it is ended. */
  readonly #giveUp = new Set<(thrown: Error) => void>();
  readonly #drained = new Bell();
  #outstanding = 0;
  #acknowledged = 0;
  #connections = 1;
  #closed = false;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#broker = `mqtt ${addressOf(parts.config).shown}`;
    parts.client.on('connect', () => {
      this.#connections += 1;
    });
    parts.client.on('close', () => this.#drained.ring());
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get connections(): number {
    return this.#connections;
  }

  room(): Promise<void> {
    if (this.#hasRoom()) return Promise.resolve();
    return new Promise((resolve) => this.#queue.push(resolve));
  }

  publish(publication: Publication): Promise<void> {
    // Without room in between: calls go out in their order, even when the first of them has to wait.
    if (this.#hasRoom()) return this.#send(publication);
    return new Promise((resolve, reject) => {
      this.#queue.push(() => this.#send(publication).then(resolve, reject));
    });
  }

  #hasRoom(): boolean {
    return this.#outstanding < this.#parts.windowRows && this.#queue.length === 0;
  }

  async #send(publication: Publication): Promise<void> {
    const { topic, id } = publication;
    if (this.#closed) throw problems.notAcknowledged(`${this.#broker} › publish to ${topic}: the publisher is closed`);
    this.#outstanding += 1;
    try {
      await this.#acknowledge(publication);
      this.#acknowledged += 1;
      if (id !== undefined) await this.#parts.record?.append(id);
    } catch (thrown) {
      const message = `${this.#broker} › publish to ${topic}: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
      throw problems.notAcknowledged(message, { cause: thrown });
    } finally {
      this.#outstanding -= 1;
      this.#admit();
    }
  }

  #acknowledge({ topic, payload, qos = 1, retain = false, headers, contentType }: Publication): Promise<void> {
    const { client, config } = this.#parts;
    const properties = {
      ...(headers === undefined || Object.keys(headers).length === 0
        ? {}
        : { userProperties: headers as Record<string, string | string[]> }),
      ...(contentType === undefined ? {} : { contentType }),
    };
    const publishOptions: IClientPublishOptions = { qos, retain, ...(config.protocol === '5' ? { properties } : {}) };
    const bytes = typeof payload === 'string' ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#giveUp.add(reject);
    client.publish(topic, bytes, publishOptions, (thrown) => (thrown ? reject(thrown) : resolve()));
    return promise.finally(() => this.#giveUp.delete(reject));
  }

  #admit(): void {
    while (this.#outstanding < this.#parts.windowRows && this.#queue.length > 0) this.#queue.shift()?.();
    this.#drained.ring();
  }

  /** Waits for what is outstanding as long as the broker can be reached, then says goodbye. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { client, record } = this.#parts;
    while (client.connected && (this.#outstanding > 0 || this.#queue.length > 0)) await this.#drained.wait();
    this.#closed = true;
    for (const giveUp of this.#giveUp) giveUp(new Error('the publisher is closed'));
    this.#admit();
    await client.endAsync(!client.connected);
    record?.[Symbol.dispose]();
  }
}
