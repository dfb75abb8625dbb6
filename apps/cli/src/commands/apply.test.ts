import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { pipelines } from '@penstock/contracts';
import { changeLines, isChange } from './apply.ts';

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
