import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ensureTopics, offsetsOf, openKafka, readRange } from '@penstock/kafka';
import { modelServer } from '@penstock/model-server';
import { type OpenService, openService } from '@penstock/service';
import { sinkDispatcher } from '@penstock/sink-dispatcher';
import { brokers, randomName, until } from '@penstock/testing';
import pg from 'pg';
import type { z } from 'zod';
import { openConnectWorker } from './connect-worker.ts';
import { type AppliedPipeline, applyText } from './testing/applied-pipeline.ts';
import { serveModel } from './testing/served-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'penstock-connect-'));
const pipeline = randomName('connect').replace('_', '-');
const schema = randomName('connect');
const readings = `${pipeline}.readings`;
const predictions = `${pipeline}.predictions`;
const kafka = openKafka({ brokers: [brokers().kafka] });
const pool = new pg.Pool({ connectionString: brokers().postgres, max: 1 });
const services: OpenService[] = [];
let applied: AppliedPipeline | undefined;

const document = `
pipeline: ${pipeline}
document: 1
topics:
  ${readings}: { external: true, partitions: 1, schema: apps/e2e/connect/reading.json }
  ${predictions}: { partitions: 1 }
stages:
  archive:
    from: { kafka: { topic: ${readings} } }
    to:   { postgres: { url: "${brokers().postgres}", schema: ${schema}, table: readings, mode: append } }
  serve:
    from: { kafka: { topic: ${readings} } }
    via:  [{ predict: { model: occupancy, alias: production, input: [co2Ppm] } }]
    to:   { kafka: { topic: ${predictions}, key: building + "/" + room } }
`;

beforeAll(async () => {
  await ensureTopics(kafka, [{ topic: readings, partitions: 1, cleanup: 'delete', retentionMs: -1 }]);
  applied = await applyText(kafka, document);
  const env = {
    PENSTOCK_KAFKA: brokers().kafka,
    PENSTOCK_REGISTRY: applied.registry,
    PENSTOCK_PIPELINES_TOPIC: applied.pipelinesTopic,
    PENSTOCK_MODELS_TOPIC: randomName('models'),
  };
  for (const service of [modelServer, sinkDispatcher])
    services.push(await openService<z.ZodObject>(service, { env, write: () => undefined }));
  await serveModel(services[0]?.address ?? '', { model: 'occupancy', inputs: ['co2Ppm'] });
});

afterAll(async () => {
  for (const service of services) await service[Symbol.asyncDispose]();
  await applied?.[Symbol.asyncDispose]();
  await kafka[Symbol.asyncDispose]();
  await pool.query(`drop schema if exists ${schema} cascade`);
  await pool.end();
  rmSync(folder, { recursive: true, force: true });
});

/** Lines of a file that somebody else writes, as a file source takes them: frame and JSON in one. */
function framed(sequences: readonly number[]): string {
  const id = applied?.schemas.find(({ subject }) => subject === `${readings}-value`)?.id ?? 0;
  const line = (sequence: number): string =>
    JSON.stringify({
      building: 'foreign',
      room: '1',
      deviceId: '1-co2',
      sequence,
      observedAtMs: Date.UTC(2026, 1, 11) + sequence,
      co2Ppm: 700 + sequence * 10,
    });
  return sequences.map((sequence) => `\0\0\0\0${String.fromCharCode(id)}${line(sequence)}\n`).join('');
}

/** What lies in a topic, as a file sink writes it: each record and a line's end. */
async function asFile(topic: string): Promise<Buffer> {
  const at = { topic, partition: 0 };
  const parts: Uint8Array[] = [];
  for await (const { value } of readRange(kafka, at, { from: 'earliest', to: 'latest' }))
    parts.push(value ?? new Uint8Array(0), Buffer.from('\n'));
  return Buffer.concat(parts);
}

test('a stock Connect worker writes readings that the pipe accepts, and reads the predictions', async () => {
  const [input, output] = [join(folder, 'readings.txt'), join(folder, 'predictions.txt')];
  const sequences = Array.from({ length: 20 }, (_, at) => at + 1);
  writeFileSync(input, framed(sequences.slice(0, 10)));
  const source = { name: 'readings', 'connector.class': 'FileStreamSource', 'tasks.max': 1, file: input, topic: readings };
  const sink = { name: 'predictions', 'connector.class': 'FileStreamSink', 'tasks.max': 1, file: output, topics: predictions };
  await using _worker = await openConnectWorker({ folder, broker: brokers().kafka, connectors: [source, sink] });
  appendFileSync(input, framed(sequences.slice(10)));

  const archived = async (): Promise<number[]> => {
    const { rows } = await pool.query<{ sequence: string }>(`select sequence from ${schema}.readings order by written`);
    return rows.map(({ sequence }) => Number(sequence));
  };
  await until(async () => (await archived()).length >= 20, { deadlineMs: 20_000, what: 'twenty rows' });
  expect(await archived()).toEqual(sequences);

  const made = async (): Promise<number> =>
    (await offsetsOf(kafka, [{ topic: predictions, partition: 0 }], 'latest'))[0]?.offset ?? 0;
  await until(async () => (await made()) >= 20, { deadlineMs: 20_000, what: 'twenty predictions' });
  const expected = await asFile(predictions);
  const written = (): Buffer => Buffer.from(existsSync(output) ? readFileSync(output, 'utf8') : '', 'latin1');
  await until(() => written().length >= expected.length, { deadlineMs: 20_000, what: 'the file of the sink' });
  expect(written()).toEqual(expected);
}, 120_000);
