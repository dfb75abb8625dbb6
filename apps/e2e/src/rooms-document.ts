import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  type AppliedPipeline,
  applyDocument,
  checkDocument,
  formatComplaint,
  type PipelinePlan,
  planPipeline,
  readDocument,
  type StagePlan,
} from '@penstock/document';

export const roomsFile = join(import.meta.dirname, '../../../deploy/pipelines/rooms.yaml');

/** The sample document under another name, as if it were applied: ids of schemas are their places in the list. */
export function applySample(pipeline: string): AppliedPipeline {
  const text = readFileSync(roomsFile, 'utf8')
    .replace('pipeline: rooms', `pipeline: ${pipeline}`)
    .replaceAll(/\brooms\.(raw|labels|features|predictions)\b/g, `${pipeline}.$1`);
  const reading = readDocument(text, { file: roomsFile });
  const readFile = (path: string): string => readFileSync(resolve(dirname(roomsFile), path), 'utf8');
  const { complaints, schemas } = checkDocument(reading, { readFile });
  if (reading.document === null || complaints.length > 0)
    throw new Error(complaints.map((complaint) => formatComplaint(roomsFile, complaint)).join('\n'));
  const registered = schemas.map((schema, index) => ({ ...schema, id: index + 1, version: 1 }));
  return applyDocument(reading.document, registered, Date.now());
}

export function planSample(pipeline: string): PipelinePlan {
  return planPipeline(applySample(pipeline));
}

export function stageOf({ stages }: PipelinePlan, name: string): StagePlan {
  const found = stages.find((stage) => stage.name === name);
  if (found === undefined) throw new Error(`no stage ${name}; there are ${stages.map((stage) => stage.name).join(', ')}`);
  return found;
}
