import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { until } from '@penstock/testing';
import type { IPublishPacket, Packet } from 'mqtt-packet';
import { type MqttPublisher, openMqttPublisher } from './publisher.ts';
import { openScriptedBroker, type Script, type ScriptedBroker, type ScriptedPeer } from './testing/scripted-broker.ts';

const deadlineMs = 5_000;
const folder = mkdtempSync(join(tmpdir(), 'penstock-publisher-'));
const acknowledgedFile = join(folder, 'acknowledged.txt');
const opened: AsyncDisposable[] = [];

afterEach(async () => {
  for (const each of opened.splice(0)) await each[Symbol.asyncDispose]();
  rmSync(acknowledgedFile, { force: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The broker goes first: a publisher that is closed waits for what it may still acknowledge. */
async function play(answer: Script['answer'], windowRows: number): Promise<{ broker: ScriptedBroker; publisher: MqttPublisher }> {
  const broker = await openScriptedBroker({ answer });
  opened.push(broker);
  const settings = { url: broker.url, clientId: 'publisher', windowRows, reconnectMs: 20 };
  const publisher = await openMqttPublisher(settings, { acknowledgedFile });
  opened.push(publisher);
  return { broker, publisher };
}

const connack = (packet: Packet, peer: ScriptedPeer): unknown =>
  packet.cmd === 'connect' && peer.send({ cmd: 'connack', sessionPresent: false, reasonCode: 0 });
const publishesOf = (peer: ScriptedPeer | undefined): IPublishPacket[] =>
  (peer?.packets ?? []).filter((packet): packet is IPublishPacket => packet.cmd === 'publish');
const payloadsOf = (peer: ScriptedPeer | undefined): string[] => publishesOf(peer).map(({ payload }) => String(payload));
const puback = ({ messageId = 0 }: IPublishPacket, peer: ScriptedPeer | undefined): void =>
  peer?.send({ cmd: 'puback', messageId, reasonCode: 0 });
const acknowledged = (): string[] => readFileSync(acknowledgedFile, 'utf8').split('\n').slice(0, -1);

function publishAll(publisher: MqttPublisher, count: number): Promise<void>[] {
  return Array.from({ length: count }, (_, index) => publisher.publish({ topic: 'a', payload: `${index}`, id: `id ${index}` }));
}

test('no more publications wait for their PUBACK than the window takes, and ids are noted when it has come', async () => {
  const { broker, publisher } = await play(connack, 3);
  const all = publishAll(publisher, 5);
  const peer = broker.peers[0];
  await until(() => publishesOf(peer).length === 3, { deadlineMs, what: 'three publications' });
  expect([publisher.outstanding, acknowledged()]).toEqual([3, []]);
  puback(publishesOf(peer)[0] as IPublishPacket, peer);
  await all[0];
  expect(acknowledged()).toEqual(['id 0']);
  await until(() => publishesOf(peer).length === 4, { deadlineMs, what: 'a fourth publication' });
  expect(publisher.outstanding).toBe(3);
  let acknowledgedUpTo = 1;
  await until(
    () => {
      for (const publish of publishesOf(peer).slice(acknowledgedUpTo)) {
        puback(publish, peer);
        acknowledgedUpTo += 1;
      }
      return acknowledgedUpTo === 5;
    },
    { deadlineMs, what: 'all of them' },
  );
  await Promise.all(all);
  expect(acknowledged()).toEqual([0, 1, 2, 3, 4].map((index) => `id ${index}`));
});

test('what was not acknowledged when the connection broke is sent again, in its order and before anything new', async () => {
  let connections = 0;
  const { broker, publisher } = await play((packet, peer) => {
    connack(packet, peer);
    if (packet.cmd === 'connect') connections += 1;
    if (packet.cmd === 'publish' && connections > 1) puback(packet, peer);
  }, 10);
  const all = publishAll(publisher, 4);
  await until(() => publishesOf(broker.peers[0]).length === 4, { deadlineMs, what: 'four publications' });
  puback(publishesOf(broker.peers[0])[0] as IPublishPacket, broker.peers[0]);
  await all[0];
  broker.peers[0]?.socket.destroy();
  const later = publisher.publish({ topic: 'a', payload: 'later', id: 'later' });
  await Promise.all([...all, later]);
  expect(payloadsOf(broker.peers[1])).toEqual(['1', '2', '3', 'later']);
  expect(acknowledged()).toEqual(['id 0', 'id 1', 'id 2', 'id 3', 'later']);
  expect(publisher.connections).toBe(2);
});

test('a publisher that is closed gives up what nobody can acknowledge any more, and says so', async () => {
  const { broker, publisher } = await play(connack, 2);
  const all = publishAll(publisher, 3);
  await until(() => publishesOf(broker.peers[0]).length === 2, { deadlineMs, what: 'two publications' });
  await broker[Symbol.asyncDispose]();
  const outcomes = Promise.allSettled(all);
  await publisher[Symbol.asyncDispose]();
  for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'mqtt.not-acknowledged' } });
  expect(acknowledged()).toEqual([]);
});
