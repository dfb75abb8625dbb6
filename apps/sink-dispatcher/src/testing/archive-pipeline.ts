import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AppliedPipeline, applyDocument, checkDocument, formatComplaint, readDocument } from '@penstock/document';
import { ensureTopics, type Kafka, openPublisher } from '@penstock/kafka';
import { pipelinesTopic } from '@penstock/runner';
import { readingSchemaId } from './readings-topic.ts';

const root = join(import.meta.dirname, '../../../..');

export interface ArchivePipeline {
  readonly pipeline: string;
  readonly topic: string;
  readonly partitions: number;
  readonly url: string;
  readonly schema: string;
}

function textOf({ pipeline, topic, partitions, url, schema }: ArchivePipeline): string {
  return `
pipeline: ${pipeline}
document: 1
topics:
  ${topic}: { external: true, partitions: ${partitions}, schema: proto/data/rooms/v1/reading.proto#rooms.v1.Reading }
stages:
  archive:
    from: { kafka: { topic: ${topic} } }
    via:  [{ dedupe: { windowMs: 600000 } }]
    to:   { postgres: { url: "${url}", schema: ${schema}, table: readings, mode: append } }
`;
}

/** A topic that somebody else writes, archived. As `apply` makes it of the text. */
export function archivePipelineOf(settings: ArchivePipeline): AppliedPipeline {
  const file = 'archive.yaml';
  const reading = readDocument(textOf(settings), { file });
  const checked = checkDocument(reading, { readFile: (path) => readFileSync(join(root, path), 'utf8') });
  if (reading.document === null || checked.complaints.length > 0)
    throw new TypeError(checked.complaints.map((complaint) => formatComplaint(file, complaint)).join('\n'));
  const schemas = checked.schemas.map((schema) => ({ ...schema, id: readingSchemaId, version: 1 }));
  return applyDocument(reading.document, schemas, Date.now());
}

/** Writes what is applied where services look for it; null takes it away. */
export async function apply(kafka: Kafka, pipeline: string, applied: AppliedPipeline | null): Promise<void> {
  await ensureTopics(kafka, [{ topic: pipelinesTopic, partitions: 1, cleanup: 'compact', retentionMs: -1 }]);
  await using publisher = openPublisher(kafka, new Map([['main', { topic: pipelinesTopic, partitions: 1 }]]));
  const payload = applied === null ? null : Buffer.from(JSON.stringify(applied));
  await publisher.publish([{ id: pipeline, route: 'main', key: Buffer.from(pipeline), payload, headers: [] }]);
}
