import { createReadStream, existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { openMqttPublisher } from '@penstock/mqtt';
import { readAddresses } from '../command-line/addresses.ts';
import { type Call, defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { count, show } from '../command-line/output.ts';
import { notFound, wrongUsage } from '../command-line/problems.ts';
import { readCsv } from '../publish/csv.ts';
import { type RowPlan, type RowPublication, RowPublisher } from '../publish/row-publication.ts';

const options = {
  topic: { type: 'string', short: 't', value: 'topic', says: 'the MQTT topic; {column} stands for what the row has there' },
  field: {
    type: 'string',
    short: 'f',
    multiple: true,
    value: 'field=column',
    says: 'only these columns, by these names; else all',
  },
  set: {
    type: 'string',
    short: 's',
    multiple: true,
    value: 'field=text',
    says: 'a field that no column has; {column} as in the topic',
  },
  sequence: { type: 'string', value: 'field', says: 'count the publishes of each topic in this field' },
  time: { type: 'string', value: 'column', says: 'the column of the time; it is published as milliseconds since the epoch' },
  scale: { type: 'string', default: '1', value: 'n', says: 'how much faster than life; 0: as fast as the broker takes them' },
  qos: { type: 'string', default: '1', value: '0|1', says: 'quality of service' },
  url: { type: 'string', value: 'url', says: "the MQTT broker; the platform's by default" },
} as const;
type PublishCall = Call<typeof options>;

export const publish = defineCommand({
  operands: ['<file.csv>'],
  options,
  details: [
    'Publishes each row as a JSON object; `-` reads standard input. For example, a recording of one sensor at 3,600 times its pace:',
    '  penstock publish co2.csv --topic building/a/room/1/reading --field observedAtMs=date --field co2Ppm=CO2 \\',
    '    --set deviceId=a-1-co2 --sequence sequence --time date --scale 3600',
  ],
  async run(call) {
    const publisher = new RowPublisher(planOf(call.values));
    const scale = scaleOf(call.values.scale);
    const { qos, url = readAddresses(call).variable('MQTT_URL') } = call.values;
    if (qos !== '0' && qos !== '1') throw wrongUsage(`--qos: expected 0 or 1, got ${JSON.stringify(qos)}`);
    const startedAt = performance.now();
    await using mqtt = await openMqttPublisher({ url, clientId: `penstock-publish-${process.pid}` });
    const publications = publicationsOf(call.operands[0] ?? '', publisher);
    for await (const { topic, payload } of paced(publications, scale, call.signal)) {
      await mqtt.room();
      void mqtt.publish({ topic, payload, qos: qos === '0' ? 0 : 1, contentType: 'application/json' }).catch(() => undefined);
    }
    while (mqtt.outstanding > 0 && !call.signal.aborted) await delay(5);
    const seconds = (performance.now() - startedAt) / 1_000;
    const { acknowledged, outstanding } = mqtt;
    show(call.output, { acknowledged, outstanding, seconds }, () => [
      `${count(acknowledged)} publishes acknowledged in ${seconds.toFixed(1)} s`,
      ...(outstanding === 0 ? [] : [`${count(outstanding)} without an answer: they may have arrived or not`]),
    ]);
    return outstanding === 0 ? exitCode.done : exitCode.unsettled;
  },
});

function planOf({ topic, field, set, sequence, time }: PublishCall['values']): RowPlan {
  if (topic === undefined) throw wrongUsage('--topic is missing: name the MQTT topic to publish to');
  const fields = field.length === 0 ? null : new Map(field.map((text) => pairOf(text, '--field')));
  return {
    topic,
    fields,
    set: new Map(set.map((text) => pairOf(text, '--set'))),
    sequence: sequence ?? null,
    time: time ?? null,
  };
}

function pairOf(text: string, option: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw wrongUsage(`${option}: expected name=value, got ${JSON.stringify(text)}`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function scaleOf(text: string): number {
  const scale = Number(text);
  if (!(scale >= 0) || text.trim() === '') throw wrongUsage(`--scale: expected a number from 0 on, got ${JSON.stringify(text)}`);
  return scale;
}

async function* publicationsOf(file: string, publisher: RowPublisher): AsyncGenerator<RowPublication> {
  if (file !== '-' && !existsSync(file)) throw notFound(`${file}: there is no such file`);
  const chunks = file === '-' ? process.stdin.setEncoding('utf8') : createReadStream(file, 'utf8');
  for await (const row of readCsv(chunks)) yield publisher.publicationOf(row);
}

/** Keeps the distances that the rows' times have, by the scale. A row that is older than the one before does not wait. */
async function* paced(rows: AsyncIterable<RowPublication>, scale: number, signal: AbortSignal): AsyncGenerator<RowPublication> {
  let beganAt = 0;
  let firstMs: number | null = null;
  for await (const row of rows) {
    if (row.atMs !== null && scale > 0) {
      firstMs ??= row.atMs;
      if (beganAt === 0) beganAt = performance.now();
      const waitMs = beganAt + (row.atMs - firstMs) / scale - performance.now();
      if (waitMs >= 1) await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
    if (signal.aborted) return;
    yield row;
  }
}
