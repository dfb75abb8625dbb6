import { expect, test } from '@jest/globals';
import { applyDocument } from './apply-document.ts';
import { planPipeline } from './plan-pipeline.ts';
import { readDocument } from './reading/read-document.ts';
import { checkText } from './testing/rooms.ts';
import { drive, passOn } from './testing/stage-driver.ts';

const avro = {
  type: 'record',
  name: 'Reading',
  namespace: 'rooms',
  fields: [
    { name: 'device_id', type: 'string' },
    { name: 'observedAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'co2Ppm', type: ['null', 'double'], default: null },
  ],
};
const json = {
  title: 'rooms.Reading',
  type: 'object',
  properties: { device_id: { type: 'string' }, observedAt: { type: 'string', format: 'date-time' }, co2Ppm: { type: 'number' } },
  required: ['device_id', 'observedAt'],
};

const text = (file: string): string => `pipeline: p
document: 1
record: { schema: ${file}, eventTime: { field: observedAt }, key: device_id, identity: device_id + "/" + string(observedAt) }
stages:
  in:
    from: { mqtt: { url: mqtt://127.0.0.1:1883, topics: [a], payload: json } }
    to: { kafka: { topic: p.raw } }
  hot:
    from: { kafka: { topic: p.raw } }
    via: [{ compute: { hour: observedAt.getHours(), excess: co2Ppm - 400.0 } }]
    to: { kafka: { topic: p.hot } }
  keep:
    from: { kafka: { topic: p.hot } }
    to: { postgres: { url: "\${env:URL}", table: hot, mode: append } }
`;

test.each([
  ['reading.avsc', JSON.stringify(avro)],
  ['reading.json', JSON.stringify(json)],
])('records of %s flow, and what is made of them is Protobuf', async (file, schema) => {
  const source = text(file);
  const { document } = readDocument(source, { file: 'p.yaml' });
  const { complaints, schemas } = checkText(source, { readFile: () => schema });
  expect(complaints).toEqual([]);
  if (document === null) throw new Error('nothing can be read');
  expect(schemas.map(({ format }) => format)).toEqual([file.endsWith('avsc') ? 'AVRO' : 'JSON', 'PROTOBUF']);
  const plan = planPipeline(
    applyDocument(
      document,
      schemas.map((one, index) => ({ ...one, id: index + 1, version: 1 })),
      0,
    ),
  );
  const observedAt = file.endsWith('avsc') ? Date.UTC(2015, 1, 11, 9) : '2015-02-11T09:00:00Z';
  const payload = Buffer.from(JSON.stringify({ device_id: 'd', observedAt, co2Ppm: 650 }));
  const ingested = await drive(plan, 'in', { incoming: [{ key: '', payload }] });
  expect(ingested.outputs.map(({ id, eventTimeMs }) => [id, eventTimeMs])).toEqual([
    ['d/2015-02-11T09:00:00Z', Date.UTC(2015, 1, 11, 9)],
  ]);
  const hot = await drive(plan, 'hot', { incoming: passOn(ingested) });
  const kept = await drive(plan, 'keep', { incoming: passOn(hot) });
  expect(kept.refusals.map(({ problem }) => problem.message)).toEqual([]);
  expect(JSON.parse(String(Buffer.from(kept.outputs[0]?.payload ?? [])))).toMatchObject({ device_id: 'd', hour: 9, excess: 250 });
});

test('two fields that Protobuf cannot tell apart are refused where a message is made of them', () => {
  const twice = { ...json, properties: { ...json.properties, co2_ppm: { type: 'number' } } };
  const { complaints } = checkText(text('reading.json'), { readFile: () => JSON.stringify(twice) });
  expect(complaints.map(({ path }) => path)).toEqual(['stages.hot.to.kafka.topic']);
  expect(complaints[0]?.message).toContain('fits no schema');
});
