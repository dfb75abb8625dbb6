import { afterEach, describe, expect, test } from '@jest/globals';
import { type Problem, systemClock } from '@penstock/kernel';
import { until } from '@penstock/testing';
import type { Packet } from 'mqtt-packet';
import { refusalOf } from './batch.ts';
import { createFilterMemory } from './filter-memory.ts';
import { type MqttSource, openMqttSource } from './source.ts';
import { type Hand, takeInHand } from './testing/hand.ts';
import {
  openScriptedBroker,
  politeAnswer,
  publishOf,
  type Script,
  type ScriptedBroker,
  type ScriptedPeer,
} from './testing/scripted-broker.ts';

const deadlineMs = 5_000;
const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

interface Stage {
  readonly broker: ScriptedBroker;
  readonly source: MqttSource;
  readonly hand: Hand;
  readonly lost: Problem[];
}

async function play(script: Script, settings: Partial<Parameters<typeof openMqttSource>[0]> = {}): Promise<Stage> {
  const broker = await openScriptedBroker(script);
  const lost: Problem[] = [];
  const source = openMqttSource(
    { url: broker.url, clientId: 'scripted', topics: ['rooms/+'], keepaliveMs: 1_000, connectTimeoutMs: 300, ...settings },
    { clock: systemClock, events: { lost: (problem) => void lost.push(problem) } },
  );
  opened.push(broker, source);
  return { broker, source, hand: await takeInHand(source), lost };
}

const acknowledgedBy = (peer: ScriptedPeer | undefined): (number | undefined)[] =>
  (peer?.packets ?? []).filter(({ cmd }) => cmd === 'puback').map(({ messageId }) => messageId);

describe('a broker that says no', () => {
  const connack = (code: number): Script => ({
    answer: (packet, peer) => packet.cmd === 'connect' && peer.send({ cmd: 'connack', sessionPresent: false, reasonCode: code }),
  });
  test.each([
    [0x86, 'mqtt.unauthorised', 'retry'],
    [0x87, 'mqtt.unauthorised', 'retry'],
    [0x88, 'mqtt.busy', 'retry'],
    [0x84, 'mqtt.refused', 'stop'],
    [0x85, 'mqtt.refused', 'stop'],
    [0x9d, 'mqtt.busy', 'retry'],
  ])('reason %i is %s', async (code, expected, remedy) => {
    const { hand } = await play(connack(code));
    await expect(hand.take(1)).rejects.toMatchObject({ code: expected, remedy });
  });

  test('return code 5 of 3.1.1 is an outage too', async () => {
    const answer: Script['answer'] = (packet, peer) =>
      packet.cmd === 'connect' && peer.send({ cmd: 'connack', sessionPresent: false, returnCode: 5 });
    const { hand } = await play({ protocolVersion: 4, answer }, { protocol: '3.1.1' });
    await expect(hand.take(1)).rejects.toMatchObject({ code: 'mqtt.unauthorised', remedy: 'retry' });
  });

  test.each([
    [0x87, 'mqtt.unauthorised', 'retry'],
    [0x8f, 'mqtt.filter-refused', 'stop'],
    [0x9e, 'mqtt.filter-refused', 'stop'],
    [0, 'mqtt.qos-lowered', 'stop'],
  ])('SUBACK %i is %s', async (granted, expected, remedy) => {
    const { hand } = await play({
      answer(packet, peer) {
        if (packet.cmd === 'subscribe') peer.send({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: [granted] });
        else politeAnswer(packet, peer);
      },
    });
    await expect(hand.take(1)).rejects.toMatchObject({ code: expected, remedy });
  });

  test('nobody there, nobody who answers, somebody who does not speak MQTT', async () => {
    const absent = openMqttSource({ url: 'mqtt://127.0.0.1:1', clientId: 'a', topics: ['#'] }, { clock: systemClock });
    opened.push(absent);
    await expect((await takeInHand(absent)).take(1)).rejects.toMatchObject({ code: 'mqtt.unreachable' });
    const mute = await play({ answer: () => undefined });
    await expect(mute.hand.take(1)).rejects.toThrow('no answer to CONNECT within 300 ms');
    const foreign = await play({ answer: (_, peer) => void peer.socket.end('HTTP/1.1 400 Bad Request\r\n\r\n') });
    await expect(foreign.hand.take(1)).rejects.toMatchObject({ code: expect.stringMatching(/^mqtt\.(malformed|unreachable)$/) });
  });
});

describe('a connection', () => {
  test('on which nothing comes any more is given up after one and a half keepalives', async () => {
    const { hand } = await play({ answer: (packet, peer) => packet.cmd !== 'pingreq' && politeAnswer(packet, peer) });
    const startedMs = performance.now();
    await expect(hand.take(1)).rejects.toMatchObject({ code: 'mqtt.silent' });
    expect(performance.now() - startedMs).toBeGreaterThan(1_400);
  });

  test('is caught up when a ping came back while nothing waited', async () => {
    const { hand } = await play({ answer: politeAnswer });
    const { assignment } = hand;
    expect(assignment.caughtUpAtMs()).toBeNull();
    await until(() => assignment.caughtUpAtMs() !== null, { deadlineMs, what: 'a proof that nothing waits' });
  });

  test('that was taken over three times is called a loop', async () => {
    const { hand, lost } = await play({
      answer(packet, peer) {
        politeAnswer(packet, peer);
        if (packet.cmd === 'subscribe') peer.send({ cmd: 'disconnect', reasonCode: 0x8e });
      },
    });
    for (let time = 1; time <= 3; time += 1) {
      await expect(hand.take(1)).rejects.toThrow();
      hand.again();
    }
    const codes = lost.slice(0, 3).map(({ code }) => code);
    expect(codes).toEqual(['mqtt.taken-over', 'mqtt.taken-over', 'mqtt.takeover-loop']);
  });
});

describe('acknowledgements', () => {
  /** Sends the same packet ids on every connection, each time for other messages. */
  const collide = (packet: Packet, peer: ScriptedPeer, broker: () => ScriptedBroker): void => {
    politeAnswer(packet, peer, { sessionPresent: true });
    if (packet.cmd !== 'subscribe') return;
    const life = broker().peers.length;
    for (const id of [1, 2, 3]) peer.send(publishOf(id, `life ${life} message ${id}`));
  };

  test('a packet id of a lost connection is never acknowledged on the next', async () => {
    const stage: { broker?: ScriptedBroker } = {};
    const started = await play({ answer: (packet, peer) => collide(packet, peer, () => stage.broker as ScriptedBroker) });
    stage.broker = started.broker;
    const { broker, hand, source } = started;
    const [first] = await hand.take(3);
    broker.peers[0]?.socket.destroy();
    await until(() => !source.reading().connected, { deadlineMs, what: 'the loss' });
    hand.again();
    const rows = await hand.take(6);
    expect(rows.map(({ payload }) => payload)).toEqual(
      [1, 2].flatMap((life) => [1, 2, 3].map((id) => `life ${life} message ${id}`)),
    );
    hand.assignment.settle((first?.position as number) + 4, []);
    await until(() => acknowledgedBy(broker.peers[1]).length > 0, { deadlineMs, what: 'a PUBACK' });
    hand.assignment.settle((first?.position as number) + 5, []);
    await until(() => acknowledgedBy(broker.peers[1]).length > 1, { deadlineMs, what: 'a second PUBACK' });
    expect(acknowledgedBy(broker.peers[1])).toEqual([1, 2]);
  });

  test('a retransmission on the same connection is neither handed out nor answered twice', async () => {
    const { broker, hand } = await play({
      answer(packet, peer) {
        politeAnswer(packet, peer);
        if (packet.cmd !== 'subscribe') return;
        for (const id of [1, 1, 2, 1]) peer.send(publishOf(id, `message ${id}`));
      },
    });
    const rows = await hand.take(2);
    expect(rows.map(({ payload }) => payload)).toEqual(['message 1', 'message 2']);
    hand.assignment.settle((rows[1]?.position as number) + 1, []);
    await until(() => acknowledgedBy(broker.peers[0]).length >= 2, { deadlineMs, what: 'both PUBACKs' });
    expect(acknowledgedBy(broker.peers[0])).toEqual([1, 2]);
  });
});

describe('a sink that keeps positions', () => {
  const three: Script = {
    answer(packet, peer) {
      politeAnswer(packet, peer);
      if (packet.cmd === 'subscribe') for (const id of [1, 2, 3]) peer.send(publishOf(id, `message ${id}`));
    },
  };

  test('settles by its position what it had stored when it failed', async () => {
    const { broker, hand } = await play(three);
    const rows = await hand.take(3);
    hand.again((rows[0]?.position as number) + 2);
    expect((await hand.take(1))[0]?.payload).toBe('message 3');
    await until(() => acknowledgedBy(broker.peers[0]).length === 2, { deadlineMs, what: 'two PUBACKs' });
  });

  test('whose position stems from an earlier life loses nothing, and positions go on from there', async () => {
    const { broker, hand } = await play(three);
    const later = Date.now() * 2_000;
    hand.again(later);
    const rows = await hand.take(3);
    expect(rows.map(({ position }) => position)).toEqual([later, later + 1, later + 2]);
    expect(acknowledgedBy(broker.peers[0])).toEqual([]);
  });
});

describe('filters', () => {
  test('of an earlier configuration are given back, and what still comes by them is marked', async () => {
    const remembered = createFilterMemory();
    await remembered.save('scripted', ['halls/#', 'rooms/+']);
    const broker = await openScriptedBroker({
      answer(packet, peer) {
        politeAnswer(packet, peer);
        if (packet.cmd === 'unsubscribe') peer.send({ cmd: 'unsuback', messageId: packet.messageId ?? 0, granted: [0] });
        if (packet.cmd === 'subscribe') peer.send(publishOf(1, 'stray', 'halls/1'));
      },
    });
    const unsubscribed: string[] = [];
    const source = openMqttSource(
      { url: broker.url, clientId: 'scripted', topics: ['rooms/+'] },
      { clock: systemClock, remembered, events: { unsubscribed: (filters) => void unsubscribed.push(...filters) } },
    );
    opened.push(broker, source);
    const [row] = await (await takeInHand(source)).take(1);
    expect(row && refusalOf(row.batch, row.row)?.code).toBe('mqtt.topic-not-subscribed');
    await until(() => unsubscribed.length > 0, { deadlineMs, what: 'UNSUBACK' });
    expect(unsubscribed).toEqual(['halls/#']);
    await until(async () => (await remembered.load('scripted')).length === 1, { deadlineMs, what: 'the memory' });
  });
});

test('pings go out while the window is full and the socket is not read', async () => {
  const answer: Script['answer'] = (packet, peer) => {
    politeAnswer(packet, peer, { version: 4 });
    if (packet.cmd === 'subscribe') for (let id = 1; id <= 10; id += 1) peer.send(publishOf(id, `message ${id}`));
  };
  const { broker, hand, source } = await play({ protocolVersion: 4, answer }, { protocol: '3.1.1', windowRows: 4 });
  const rows = await hand.take(4);
  expect(source.reading()).toMatchObject({ heldRows: 4, paused: true });
  const pings = (): number => (broker.peers[0]?.packets ?? []).filter(({ cmd }) => cmd === 'pingreq').length;
  await until(() => pings() >= 6, { deadlineMs, what: 'pings for three keepalives' });
  expect(source.reading()).toMatchObject({ connections: 1, connected: true, heldRows: 4 });
  hand.assignment.settle((rows[3]?.position as number) + 1, []);
  expect((await hand.take(4)).map(({ payload }) => payload)).toEqual([5, 6, 7, 8].map((id) => `message ${id}`));
});
