import { describe, expect, test } from '@jest/globals';
import type { Random } from '@penstock/kernel';
import { seeded } from '@penstock/testing';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { bytesOf, type Frame, FrameReader } from './frames.ts';
import { isPublish, parsePublish } from './publish-frame.ts';

const rounds = 300;
const below = (random: Random, limit: number): number => Math.floor(random() * limit);
const textOf = (random: Random, length: number): string => Array.from({ length }, () => 'aä€/z'[below(random, 5)]).join('');

interface Sent {
  readonly bytes: Buffer;
  readonly topic: string;
  readonly payload: Buffer;
  readonly messageId: number;
  readonly user: readonly (readonly [string, string])[];
}

/** Written by the library that everybody uses. */
function drawPublish(random: Random): Sent {
  const topic = `rooms/${textOf(random, 1 + below(random, 20))}`;
  const payload = Buffer.alloc(below(random, random() < 0.1 ? 30_000 : 300), 7);
  const user = Array.from({ length: below(random, 4) }, (_, index) => [`name${index}`, textOf(random, 5)] as const);
  const messageId = 1 + below(random, 65_535);
  const packet: Packet = {
    cmd: 'publish',
    topic,
    payload,
    qos: 1,
    dup: random() < 0.5,
    retain: random() < 0.5,
    messageId,
    properties: {
      messageExpiryInterval: below(random, 1_000),
      payloadFormatIndicator: random() < 0.5,
      ...(random() < 0.5 ? { contentType: 'application/json', subscriptionIdentifier: below(random, 300_000) } : {}),
      ...(user.length === 0 ? {} : { userProperties: Object.fromEntries(user) }),
    },
  };
  return { bytes: mqttPacket.generate(packet, { protocolVersion: 5 }), topic, payload, messageId, user };
}

/** The stream in pieces as a network might cut it. */
function readInPieces(stream: Buffer, reader: FrameReader, random: Random): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < stream.length; ) {
    const size = random() < 0.5 ? 1 + below(random, 3) : 1 + below(random, 5_000);
    reader.push(stream.subarray(at, at + size));
    at += size;
    if (random() < 0.3) continue;
    for (let frame = reader.next(); frame !== null; frame = reader.next()) frames.push(frame);
  }
  for (let frame = reader.next(); frame !== null; frame = reader.next()) frames.push(frame);
  return frames;
}

test(
  'whatever mqtt-packet writes and however the network cuts it, it is read as it was',
  seeded((random) => {
    for (let round = 0; round < rounds; round += 1) {
      const sent = Array.from({ length: 1 + below(random, 8) }, () => drawPublish(random));
      const ping = mqttPacket.generate({ cmd: 'pingresp' });
      const frames = readInPieces(Buffer.concat(sent.flatMap(({ bytes }) => [bytes, ping])), new FrameReader(1_000_000), random);
      expect(frames.filter((frame) => !isPublish(frame))).toHaveLength(sent.length);
      for (const [index, frame] of frames.filter(isPublish).entries()) {
        const { bytes, topic, payload, messageId, user } = sent[index] as Sent;
        expect(bytesOf(frame).equals(bytes)).toBe(true);
        const read = parsePublish(frame, true);
        expect(read.topic.toString()).toBe(topic);
        expect(read.packetId).toBe(messageId);
        expect(read.payload?.equals(payload)).toBe(true);
        const own = read.headers.filter(([name]) => name.startsWith('name'));
        expect(own.map(([name, value]) => [name, Buffer.from(value ?? []).toString()])).toEqual(user);
      }
    }
  }),
);

test(
  'bytes that mean nothing are a problem and never a crash',
  seeded((random) => {
    for (let round = 0; round < 2_000; round += 1) {
      const frame = { first: 0x32, body: Buffer.from(Array.from({ length: below(random, 40) }, () => below(random, 256))) };
      try {
        parsePublish({ ...frame, bodyBytes: frame.body.length }, random() < 0.5);
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'mqtt.malformed' });
      }
    }
  }),
);

describe('a packet beyond the limit', () => {
  const packet: Packet = {
    cmd: 'publish',
    topic: 'a/b',
    payload: Buffer.alloc(500_000),
    qos: 1,
    dup: false,
    retain: false,
    messageId: 9,
  };

  test('is not kept, and what follows it is read', () => {
    const reader = new FrameReader(1_000);
    const bytes = mqttPacket.generate(packet, { protocolVersion: 4 });
    for (let at = 0; at < bytes.length; at += 10_000) reader.push(bytes.subarray(at, at + 10_000));
    reader.push(mqttPacket.generate({ cmd: 'pingresp' }));
    const frame = reader.next() as Frame;
    expect(frame.body).toHaveLength(1_000);
    expect(parsePublish(frame, false)).toMatchObject({ packetId: 9, payload: null, payloadBytes: 500_000 });
    expect(reader.next()?.first).toBe(0xd0);
    expect(reader.next()).toBeNull();
  });

  test('a length of five bytes is no MQTT', () => {
    const reader = new FrameReader(1_000);
    reader.push(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]));
    expect(() => reader.next()).toThrow('length takes more than four bytes');
  });
});

test('user properties that repeat and alternate keep their order, and reserved names are moved aside', () => {
  const pairs = ['b=1', 'a=2', 'b=3', 'ce_id=4', 'traceparent=5'];
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
  const properties = Buffer.concat(pairs.map((pair) => Buffer.concat([Buffer.from([0x26]), ...pair.split('=').map(text)])));
  const body = Buffer.concat([text('t'), Buffer.from([0, 1, properties.length]), properties]);
  const { headers } = parsePublish({ first: 0x32, body, bodyBytes: body.length }, true);
  expect(headers.map(([name, value]) => `${name}=${value}`)).toEqual(['b=1', 'a=2', 'b=3', 'mqtt_user_ce_id=4', 'traceparent=5']);
});
