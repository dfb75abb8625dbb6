import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type AppliedSchema, applyDocument, checkDocument, formatComplaint, readDocument } from '@penstock/document';
import { ensureTopics, type Kafka, offsetsOf, openPublisher } from '@penstock/kafka';
import { randomName, until } from '@penstock/testing';

const root = join(import.meta.dirname, '../../../..');
const retentionMs = -1;

/** A pipeline that stands applied, with a registry that knows its schemas. Closing it takes it away. */
export interface AppliedPipeline extends AsyncDisposable {
  /** The registry's address. */
  readonly registry: string;
  readonly schemas: readonly AppliedSchema[];
  /** Its own, so that services of other tests do not take its stages. */
  readonly pipelinesTopic: string;
}

/** Applies a document as its gateway would: schemas under ids, topics, and the record that services watch. */
export async function applyText(kafka: Kafka, text: string): Promise<AppliedPipeline> {
  const file = 'pipeline.yaml';
  const reading = readDocument(text, { file });
  const { document } = reading;
  const checked = checkDocument(reading, { readFile: (path) => readFileSync(join(root, path), 'utf8') });
  if (document === null || checked.complaints.length > 0)
    throw new TypeError(checked.complaints.map((complaint) => formatComplaint(file, complaint)).join('\n'));
  const schemas = checked.schemas.map((schema, index) => ({ ...schema, id: index + 1, version: 1 }));
  const registry = await openRegistry(schemas);
  const { pipeline } = document;
  for (const topic of checked.topics) await declare(kafka, topic);
  const pipelinesTopic = randomName('pipelines');
  await declare(kafka, { topic: pipelinesTopic, partitions: 1, cleanup: 'compact', retentionMs });
  await publish(kafka, { topic: pipelinesTopic, pipeline }, JSON.stringify(applyDocument(document, schemas, Date.now())));
  return {
    registry: registry.url,
    schemas,
    pipelinesTopic,
    async [Symbol.asyncDispose]() {
      await publish(kafka, { topic: pipelinesTopic, pipeline }, null);
      await registry[Symbol.asyncDispose]();
    },
  };
}

async function declare(kafka: Kafka, declaration: Parameters<typeof ensureTopics>[1][number]): Promise<void> {
  const { topic, partitions } = declaration;
  await ensureTopics(kafka, [declaration]);
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  await until(() => offsetsOf(kafka, all, 'latest'), { deadlineMs: 10_000, what: `leaders of ${topic}` });
}

async function publish(
  kafka: Kafka,
  { topic, pipeline }: { readonly topic: string; readonly pipeline: string },
  json: string | null,
): Promise<void> {
  await using publisher = openPublisher(kafka, new Map([['main', { topic, partitions: 1 }]]));
  const payload = json === null ? null : Buffer.from(json);
  await publisher.publish([{ id: pipeline, route: 'main', key: Buffer.from(pipeline), payload, headers: [] }]);
}

/** As much of a registry as readers ask for. */
async function openRegistry(schemas: readonly AppliedSchema[]): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    const id = Number(/^\/schemas\/ids\/(\d+)$/.exec(request.url ?? '')?.[1]);
    const found = schemas.find((schema) => schema.id === id);
    const answer =
      found === undefined ? { error_code: 40_403, message: 'unknown' } : { schema: found.text, schemaType: found.format };
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
