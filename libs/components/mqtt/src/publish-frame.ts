import type { Header } from '@penstock/pipeline';
import type { Frame } from './frames.ts';
import { malformed } from './problems.ts';

/** A PUBLISH as it came. Views on the bytes of its frame. */
export interface PublishFrame {
  readonly topic: Buffer;
  readonly qos: number;
  readonly retain: boolean;
  /** 0 with QoS 0. */
  readonly packetId: number;
  /** What its MQTT 5 properties say, in their order. */
  readonly headers: readonly Header[];
  /** Null when the frame was too long to be kept whole. */
  readonly payload: Buffer | null;
  readonly payloadBytes: number;
  /** Memory that these views keep alive. */
  readonly heldBytes: number;
}

const none: readonly Header[] = [];
/** Names that this pipe gives a meaning: a device cannot set them, its own are kept under `mqtt_user_…`. */
const reserved = /^(ce_|mqtt_|penstock_|__connect\.|__(key|value)_schema_id$)/;
const property = {
  payloadFormat: 0x01,
  expiry: 0x02,
  contentType: 0x03,
  responseTopic: 0x08,
  correlation: 0x09,
  subscription: 0x0b,
  alias: 0x23,
  user: 0x26,
};

export const isPublish = ({ first }: Frame): boolean => first >> 4 === 3;

/**
 * Reads a PUBLISH (MQTT 5, section 3.3; 3.1.1 is the same without properties). `mqtt-packet`, which reads all other packets,
 * gathers user properties of one name and so loses their order among the others. Throws the problem `mqtt.malformed`.
 */
export function parsePublish(frame: Frame, withProperties: boolean): PublishFrame {
  const { first, body } = frame;
  const cursor = new Cursor(body);
  const qos = (first >> 1) & 3;
  if (qos > 1) throw malformed(`a PUBLISH with QoS ${qos}, which was not subscribed`);
  const topic = cursor.bytes();
  const packetId = qos === 0 ? 0 : cursor.number(2);
  if (qos > 0 && packetId === 0) throw malformed('a PUBLISH with QoS 1 and packet id 0');
  const propertyBytes = withProperties ? cursor.varint() : 0;
  const payloadAt = cursor.at + propertyBytes;
  const payloadBytes = frame.bodyBytes - payloadAt;
  if (payloadBytes < 0) throw malformed('a PUBLISH shorter than its properties');
  const whole = body.length === frame.bodyBytes;
  const headers = propertyBytes === 0 || payloadAt > body.length ? none : readProperties(cursor, payloadAt);
  const payload = whole ? body.subarray(payloadAt) : null;
  return { topic, qos, retain: (first & 1) === 1, packetId, headers, payload, payloadBytes, heldBytes: body.length };
}

function readProperties(cursor: Cursor, end: number): Header[] {
  const headers: Header[] = [];
  while (cursor.at < end) {
    const id = cursor.number(1);
    if (id === property.user) headers.push([userName(cursor.bytes()), cursor.bytes()]);
    else if (id === property.contentType) headers.push(['content-type', cursor.bytes()]);
    else if (id === property.responseTopic) headers.push(['mqtt_response_topic', cursor.bytes()]);
    else if (id === property.correlation) headers.push(['mqtt_correlation_data', cursor.bytes()]);
    else skip(cursor, id);
  }
  if (cursor.at !== end) throw malformed('a property that reaches beyond its section');
  return headers;
}

function skip(cursor: Cursor, id: number): void {
  if (id === property.payloadFormat) cursor.number(1);
  else if (id === property.expiry) cursor.number(4);
  else if (id === property.subscription) cursor.varint();
  else if (id === property.alias) throw malformed('a topic alias, though none was allowed');
  else throw malformed(`property 0x${id.toString(16)} in a PUBLISH`);
}

function userName(bytes: Buffer): string {
  const name = bytes.toString('utf8');
  return reserved.test(name) ? `mqtt_user_${name}` : name;
}

/** Reads MQTT's data representations (section 1.5) one after another. */
class Cursor {
  readonly #body: Buffer;
  at = 0;

  constructor(body: Buffer) {
    this.#body = body;
  }

  number(bytes: 1 | 2 | 4): number {
    this.#need(bytes);
    const value = this.#body.readUIntBE(this.at, bytes);
    this.at += bytes;
    return value;
  }

  bytes(): Buffer {
    const length = this.number(2);
    this.#need(length);
    this.at += length;
    return this.#body.subarray(this.at - length, this.at);
  }

  varint(): number {
    let value = 0;
    for (let digit = 0; digit < 4; digit += 1) {
      const byte = this.number(1);
      value += (byte & 0x7f) * 128 ** digit;
      if (byte < 0x80) return value;
    }
    throw malformed('a number that takes more than four bytes');
  }

  #need(bytes: number): void {
    if (this.at + bytes > this.#body.length) throw malformed('a PUBLISH that ends too early');
  }
}
