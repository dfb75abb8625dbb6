import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { pipelines } from '@penstock/contracts';
import { changeLines, documentOf, isChange } from './apply.ts';

const { StageChangeKind } = pipelines;
const changesOf = (more: Partial<pipelines.Changes>): pipelines.Changes =>
  pipelines.Changes.fromPartial({ pipeline: 'rooms', version: 'b', previousVersion: 'b', ...more });

test('a document that changes nothing is told from one that does', () => {
  const kept = { stage: 'ingest', service: 'mqtt-ingestor', kind: StageChangeKind.KEPT };
  expect(isChange(changesOf({ stages: [kept] }))).toBe(false);
  expect(isChange(changesOf({ stages: [{ ...kept, kind: StageChangeKind.STOPPED }] }))).toBe(true);
  expect(isChange(changesOf({ stages: [kept], version: 'c' }))).toBe(true);
  expect(isChange(changesOf({ schemas: [{ subject: 's', id: 0, version: 0, registered: true }] }))).toBe(true);
});

test('changes stand in a table with a mark each, and only what is new is named among schemas', () => {
  const lines = changeLines(
    changesOf({
      previousVersion: '',
      stages: [
        { stage: 'ingest', service: 'mqtt-ingestor', kind: StageChangeKind.STARTED },
        { stage: 'store', service: 'sink-dispatcher', kind: StageChangeKind.KEPT },
      ],
      schemas: [
        { subject: 'rooms.raw-value', id: 0, version: 0, registered: true },
        { subject: 'rooms.labels-value', id: 4, version: 1, registered: false },
      ],
      topics: [{ topic: 'rooms.raw', partitions: 4 }],
    }),
  );
  expect(lines.map(stripVTControlCharacters)).toEqual([
    'pipeline rooms, new',
    '  stage     service          will be',
    '  + ingest  mqtt-ingestor    started',
    '  = store   sink-dispatcher  kept',
    '  schemas to register',
    '  + rooms.raw-value',
    '  topics: rooms.raw (4)',
  ]);
});

test('a document is sent with the files that its schemas refer to, and no others', () => {
  const text = `pipeline: p
document: 1
schemas: { rooms.Kind: { file: common/kind.avsc } }
record: { schema: avro/reading.avsc, eventTime: { field: at }, key: device }
stages:
  in: { from: { mqtt: { url: mqtt://127.0.0.1, topics: [a], payload: json } }, to: { kafka: { topic: p.raw } } }
`;
  const fields = '[{"name":"device","type":"string"},{"name":"at","type":"long"},{"name":"kind","type":"Kind"}]';
  const files = new Map([
    ['avro/reading.avsc', `{"type":"record","name":"rooms.Reading","fields":${fields}}`],
    ['common/kind.avsc', '{"type":"enum","name":"rooms.Kind","symbols":["A"]}'],
    ['avro/other.avsc', '"string"'],
  ]);
  const sent = documentOf('p.yaml', text, (path) => files.get(path) ?? null);
  expect([...sent.files.keys()].sort()).toEqual(['avro/reading.avsc', 'common/kind.avsc']);
});
