import { join } from 'node:path';
import { pipelines } from '@penstock/contracts';
import { createGrpcClient } from '@penstock/service';
import { parseDocument } from 'yaml';
import { documentOf } from '../commands/apply.ts';
import { openDocument } from '../commands/document-file.ts';

/** The pipeline of the demo is the sample document, but that nothing except drift sets off a training by itself. */
export const rooms = {
  pipeline: 'rooms',
  model: 'occupancy',
  alias: 'production',
  subject: 'rooms.raw-value',
  file: join(import.meta.dirname, '../../../../deploy/pipelines/rooms.yaml'),
  readingProto: join(import.meta.dirname, '../../../../proto/data/rooms/v1/reading.proto'),
  topics: ['rooms.raw', 'rooms.labels', 'rooms.features', 'rooms.predictions', 'rooms.late', 'rooms.dead'],
  lateTopic: 'rooms.late',
  deadTopics: ['rooms.dead'],
} as const;

const applyMs = 60_000;

/** Applies it; answers the version. Applying it again changes nothing. */
export async function applyRooms(gateway: string): Promise<string> {
  const { text, readFile } = openDocument(rooms.file);
  const yaml = parseDocument(text);
  yaml.setIn(['retrain', 'when'], [{ drift: { calibrated: true } }]);
  const document = documentOf('rooms.yaml', String(yaml), readFile);
  using client = createGrpcClient(pipelines.PipelinesServiceClient, gateway);
  const { changes } = await client.apply({ document }, { deadlineMs: applyMs });
  return changes?.version ?? '';
}
