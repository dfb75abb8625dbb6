import { afterEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '@penstock/kernel';
import { brokers, randomName, until } from '@penstock/testing';
import { refusalOf, topicLevelsOf, topicOf } from './batch.ts';
import { type MqttPublisher, openMqttPublisher } from './publisher.ts';
import { type MqttSource, openMqttSource } from './source.ts';
import { CollectingSink, startPump, withoutDuplicates } from './testing/collecting-sink.ts';
import { takeInHand } from './testing/hand.ts';

type Settings = Partial<Parameters<typeof openMqttSource>[0]>;
const deadlineMs = 10_000;
const opened: AsyncDisposable[] = [];
const keep = <Each extends AsyncDisposable>(each: Each): Each => {
  opened.push(each);
  return each;
};

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

const openSource = (name: string, settings: Settings = {}): MqttSource =>
  openMqttSource({ url: brokers().mosquitto, clientId: name, topics: [`${name}/#`], ...settings }, { clock: systemClock });
const openPublisher = async (name: string, protocol: '5' | '3.1.1' = '5'): Promise<MqttPublisher> =>
  keep(await openMqttPublisher({ url: brokers().mosquitto, clientId: `${name}-publisher`, protocol }));

async function publishNumbers(publisher: MqttPublisher, name: string, [from, to]: [number, number]): Promise<void> {
  const sent: Promise<void>[] = [];
  for (let number = from; number < to; number += 1) {
    await publisher.room();
    sent.push(publisher.publish({ topic: `${name}/${number % 3}`, payload: String(number) }));
  }
  await Promise.all(sent);
}

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, index) => String(from + index));

/** A session that exists at the broker, so that what is published before its source opens waits there. */
async function createSession(name: string, settings: Settings = {}): Promise<void> {
  await using source = openSource(name, settings);
  const hand = await takeInHand(source);
  await until(() => source.reading().connected, { deadlineMs, what: 'a session' });
  const publisher = await openPublisher(`${name}-first`);
  await publisher.publish({ topic: `${name}/first`, payload: 'first' });
  const [row] = await hand.take(1);
  hand.assignment.settle((row?.position as number) + 1, []);
}

describe.each(['5', '3.1.1'] as const)('MQTT %s against Mosquitto', (protocol) => {
  test('PUBACK goes out when a row is settled and not before; what was not settled comes again, in order', async () => {
    const name = randomName('ack');
    await createSession(name, { protocol });
    await publishNumbers(await openPublisher(name), name, [0, 10]);
    {
      await using source = openSource(name, { protocol });
      const hand = await takeInHand(source);
      const rows = await hand.take(10);
      expect(source.reading().unacknowledged).toBe(10);
      hand.assignment.settle((rows[3]?.position as number) + 1, []);
      expect(source.reading().unacknowledged).toBe(6);
    }
    {
      await using source = openSource(name, { protocol });
      const hand = await takeInHand(source);
      const rows = await hand.take(6);
      expect(rows.map(({ payload }) => payload)).toEqual(numbers(4, 10));
      hand.assignment.settle((rows[5]?.position as number) + 1, []);
    }
    await publishNumbers(await openPublisher(`${name}-b`), name, [10, 11]);
    await using source = openSource(name, { protocol });
    expect((await (await takeInHand(source)).take(1))[0]?.payload).toBe('10');
  });

  test('a new iteration hands out the unsettled rows again from memory, on the same connection', async () => {
    const name = randomName('again');
    await using source = openSource(name, { protocol });
    const hand = await takeInHand(source);
    await until(() => source.reading().connected, { deadlineMs, what: 'a connection' });
    await createSessionless(name, source);
    const first = await hand.take(5);
    hand.assignment.settle((first[1]?.position as number) + 1, []);
    hand.again();
    const second = await hand.take(3);
    expect(second.map(({ position, payload }) => [position, payload])).toEqual(
      first.slice(2).map(({ position, payload }) => [position, payload]),
    );
    expect(source.reading()).toMatchObject({ connections: 1, received: 5 });
  });

  test('the window bounds what is held, and everything comes through in order once the sink answers', async () => {
    const name = randomName('window');
    await createSession(name, { protocol });
    const source = openSource(name, { protocol, windowRows: 20 });
    const sink = new CollectingSink();
    sink.hold();
    const pump = keep(startPump(source, sink));
    await publishNumbers(await openPublisher(name), name, [0, 500]);
    await until(() => source.reading().heldRows === 20, { deadlineMs, what: 'a full window' });
    expect(source.reading()).toMatchObject({ received: 20, unacknowledged: 20 });
    sink.release();
    await until(() => sink.stored.length >= 500, { deadlineMs, what: 'all records' });
    expect(sink.payloads()).toEqual(numbers(0, 500));
    expect(pump.waited).toEqual([]);
  });

  test('QoS 0 is read and settled without an acknowledgement', async () => {
    const name = randomName('zero');
    await using source = openSource(name, { protocol, qos: 0 });
    const hand = await takeInHand(source);
    await createSessionless(name, source);
    const rows = await hand.take(5);
    expect(source.reading()).toMatchObject({ heldRows: 5, unacknowledged: 0 });
    hand.assignment.settle((rows[4]?.position as number) + 1, []);
    expect(source.reading().heldRows).toBe(0);
  });

  test('a payload of 20 MB becomes a refused row with topic and size, and the pipe keeps running', async () => {
    const name = randomName('large');
    await createSession(name, { protocol });
    const publisher = await openPublisher(name);
    await publisher.publish({ topic: `${name}/a`, payload: 'before' });
    await publisher.publish({ topic: `${name}/b`, payload: Buffer.alloc(20_000_000, 'x') });
    await publisher.publish({ topic: `${name}/c`, payload: 'x'.repeat(2_000) });
    await publisher.publish({ topic: `${name}/d`, payload: 'after' });
    await using source = openSource(name, { protocol, payloadBytesMax: 1_000, payloadBytesKept: 5_000 });
    const hand = await takeInHand(source);
    const rows = await hand.take(4);
    const facts = rows.map(({ batch, row, payload }) => [
      topicOf(batch, row),
      payload.length,
      refusalOf(batch, row)?.code ?? 'taken',
    ]);
    expect(facts).toEqual([
      [`${name}/a`, 6, 'taken'],
      [`${name}/b`, 0, 'mqtt.payload-too-large'],
      [`${name}/c`, 2_000, 'mqtt.payload-too-large'],
      [`${name}/d`, 5, 'taken'],
    ]);
    const headers = rows[1]?.batch.headers(rows[1].row).map(([header, value]) => `${header}=${Buffer.from(value ?? [])}`);
    expect(headers).toContain('mqtt_payload_bytes=20000000');
    expect(source.reading()).toMatchObject({ connections: 1 });
    expect(source.reading().heldBytes).toBeLessThan(300_000);
  });

  test('a client that takes the session over is noticed, and the session comes back', async () => {
    const name = randomName('takeover');
    const source = openSource(name, { protocol });
    const sink = new CollectingSink();
    const pump = keep(startPump(source, sink));
    await until(() => source.reading().connected, { deadlineMs, what: 'a connection' });
    {
      await using rival = openSource(name, { protocol });
      await takeInHand(rival);
      await until(() => pump.waited.length > 0, { deadlineMs, what: 'the loss' });
    }
    // Mosquitto 2.0 gives no reason, not even with MQTT 5.
    expect(pump.waited[0]).toMatch(/^mqtt\.(taken-over|connection-lost)$/);
    await until(() => source.reading().connected, { deadlineMs, what: 'the session back' });
    await publishNumbers(await openPublisher(name), name, [0, 5]);
    await until(() => withoutDuplicates(sink.payloads()).length === 5, { deadlineMs, what: 'all records' });
  });

  test('two clients that take one session away from each other are called a loop', async () => {
    const name = randomName('war');
    const pumps = [0, 1].map(() => keep(startPump(openSource(name, { protocol }), new CollectingSink())));
    const codes = (): string[] => pumps.flatMap(({ waited }) => waited);
    await until(() => codes().includes('mqtt.takeover-loop'), { deadlineMs, what: 'the word' });
  });

  test('a drain settles and acknowledges what is under way and leaves the rest at the broker', async () => {
    const name = randomName('drain');
    await createSession(name, { protocol });
    const publisher = await openPublisher(name);
    const first = new CollectingSink();
    const pump = startPump(openSource(name, { protocol, windowRows: 50 }), first);
    await publishNumbers(publisher, name, [0, 300]);
    await pump[Symbol.asyncDispose]();
    const second = new CollectingSink();
    keep(startPump(openSource(name, { protocol }), second));
    await until(() => first.stored.length + second.stored.length >= 300, { deadlineMs, what: 'all records' });
    expect([...first.payloads(), ...second.payloads()]).toEqual(numbers(0, 300));
  });
});

/** Five records for a source that subscribes anew. */
async function createSessionless(name: string, source: MqttSource): Promise<void> {
  const publisher = await openPublisher(`${name}-numbers`);
  // SUBSCRIBE is on its way when the connection stands: a first record tells when it has arrived.
  await until(() => source.reading().connected, { deadlineMs, what: 'a connection' });
  await until(
    async () => {
      if (source.reading().received > 0) return true;
      await publisher.publish({ topic: `${name}/probe`, payload: 'probe' });
      return false;
    },
    { deadlineMs, what: 'a subscription' },
  );
  await publishNumbers(publisher, name, [0, 5 - source.reading().received]);
}

test('user properties, content type and the topic become headers; levels and key come from the topic', async () => {
  const name = randomName('headers');
  await createSession(name);
  const publisher = await openPublisher(name);
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const headers = { site: ['north', 'south'], traceparent, mqtt_topic: 'forged', ce_id: 'forged' };
  const topic = `${name}/hall/7/reading`;
  await publisher.publish({ topic, payload: '{}', headers, contentType: 'application/json', retain: true });
  await using source = openSource(name);
  const [taken] = await (await takeInHand(source)).take(1);
  if (taken === undefined) throw new Error('no row');
  const { batch, row } = taken;
  expect(
    batch
      .headers(row)
      .map(([header, value]) => `${header}=${Buffer.from(value ?? [])}`)
      .sort(),
  ).toEqual(
    [
      `mqtt_topic=${topic}`,
      'mqtt_retained=true',
      'content-type=application/json',
      'site=north',
      'site=south',
      `traceparent=${traceparent}`,
      'mqtt_user_mqtt_topic=forged',
      'mqtt_user_ce_id=forged',
    ].sort(),
  );
  expect(Buffer.from(batch.key(row) ?? []).toString()).toBe(topic);
  expect(topicLevelsOf(batch, row)).toEqual([name, 'hall', '7', 'reading']);
  expect(batch.lane).toBe(`mqtt/${name}`);
  await publisher.publish({ topic, payload: '', retain: true });
});

test('a publisher that is refused, or finds nobody, says why', async () => {
  await expect(openMqttPublisher({ url: 'mqtt://127.0.0.1:1', clientId: 'p' })).rejects.toMatchObject({
    code: 'mqtt.unreachable',
  });
});
