import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { openPlatform, type Platform } from '@penstock/cli';
import { models, pipelines } from '@penstock/contracts';
import { checkDocument, formatComplaint, readDocument } from '@penstock/document';
import { createRandom, systemClock } from '@penstock/kernel';
import { createGrpcClient } from '@penstock/service';
import { parseTreeParams, toOnnx, trainTrees } from '@penstock/training';
import { Client } from 'pg';

export const services = ['schema-gateway', 'mqtt-ingestor', 'preprocessor', 'model-server', 'sink-dispatcher'] as const;
const inputs = ['co2Ppm', 'temperatureC', 'humidityPct', 'lightLux'];
const file = 'bench.yaml';
const deadlineMs = 60_000;

/** Each reading ends as one row, so that records are the same thing at every hop. */
const document = `
pipeline: bench
document: 1
record:
  schema: proto/data/rooms/v1/reading.proto#rooms.v1.Reading
  eventTime: { field: observedAtMs, aheadMsMax: 300000 }
  key: building + "/" + room
  identity: deviceId + "/" + string(sequence)
stages:
  ingest:
    from:
      mqtt:
        url: \${env:MQTT_URL}
        topics: [building/+/room/+/reading]
        qos: 1
        payload: json
        set: { building: "topic[1]", room: "topic[3]" }
    to: { kafka: { topic: bench.raw } }
  preprocess:
    from: { kafka: { topic: bench.raw } }
    via:
      - dedupe: { windowMs: 600000 }
      - validate: { ranges: { co2Ppm: [250, 10000], temperatureC: [-40, 85] } }
      - hampel: { field: co2Ppm, windowMs: 600000, thresholdMad: 4, action: replace }
    to: { kafka: { topic: bench.clean } }
  serve:
    from: { kafka: { topic: bench.clean } }
    via:
      - predict: { model: occupancy, alias: production, input: [${inputs.join(', ')}] }
    to: { kafka: { topic: bench.predictions } }
  store:
    from: { kafka: { topic: bench.predictions } }
    to: { postgres: { url: "\${env:POSTGRES_URL}", table: predictions, mode: append } }
`;

/** The platform with the bench's pipeline flowing, and the table at its end. */
export interface Site extends AsyncDisposable {
  readonly platform: Platform;
  readonly database: Client;
  /** Processes whose time counts: services and brokers. */
  pids(): Record<string, number>;
}

/** Real processes on free ports, a small model, and a column that the database fills with the moment of each insert. */
export async function openSite(folder: string, say: (line: string) => void): Promise<Site> {
  await using opening = new AsyncDisposableStack();
  const platform = opening.use(await openPlatform({ folder, ports: 'any', by: 'process', services, said: () => undefined }));
  say('the platform runs');
  const database = new Client({ connectionString: platform.brokers.postgres.address });
  await database.connect();
  opening.defer(() => database.end());
  await registerModel(platform.grpcOf('model-server'));
  await apply(platform.grpcOf('schema-gateway'));
  await waitFor('the table of predictions', async () => {
    const { rows } = await database.query(`select to_regclass('predictions') as found`);
    return rows[0].found !== null;
  });
  await database.query(
    'alter table predictions add column measured_at timestamptz not null default clock_timestamp(), add column measured_number bigserial',
  );
  say('the pipeline flows');
  const resources = opening.move();
  return {
    platform,
    database,
    pids: () => pidsOf(platform),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

export async function waitFor(what: string, holds: () => Promise<boolean>, withinMs: number = deadlineMs): Promise<void> {
  const startedMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedMs > withinMs) throw new Error(`waited ${withinMs} ms for ${what}`);
    await systemClock.sleep(20);
  }
}

function pidsOf({ services: running, brokers }: Platform): Record<string, number> {
  const all = [...running, brokers.mosquitto, brokers.kafka, brokers.postgres];
  return Object.fromEntries(all.flatMap(({ name, pid }) => (pid === null ? [] : [[name, pid]])));
}

async function apply(address: string): Promise<void> {
  using client = createGrpcClient(pipelines.PipelinesServiceClient, address, { deadlineMs });
  const root = join(import.meta.dirname, '../../..');
  const files = new Map<string, string>();
  const readFile = (path: string): string => {
    const text = readFileSync(resolve(root, dirname(file), path), 'utf8');
    files.set(path, text);
    return text;
  };
  const { complaints } = checkDocument(readDocument(document, { file }), { readFile });
  if (complaints.length > 0) throw new Error(complaints.map((complaint) => formatComplaint(file, complaint)).join('\n'));
  await client.apply({ document: { text: document, file, files } });
}

async function registerModel(address: string): Promise<void> {
  using client = createGrpcClient(models.ModelsServiceClient, address, { deadlineMs });
  const bytes = Buffer.from(await trainModel());
  const registration = models.Registration.fromPartial({
    model: 'occupancy',
    inputs: inputs.map((name) => ({ name, type: 'number' })),
    trainer: 'gradient-boosted-trees',
  });
  async function* parts(): AsyncGenerator<models.RegisterModelRequest> {
    yield { part: { $case: 'registration', value: registration } };
    yield { part: { $case: 'chunk', value: bytes } };
  }
  const { version } = await client.registerModel(parts());
  await client.moveAlias({
    model: 'occupancy',
    alias: 'production',
    to: { $case: 'version', value: version?.version ?? 0 },
    reason: 'bench',
    by: 'bench',
  });
}

async function trainModel(): Promise<Uint8Array> {
  const random = createRandom(1);
  const columns = inputs.map(() => Float64Array.from({ length: 2_000 }, random));
  const labels = (columns[0] as Float64Array).map((value) => (value + random() > 1 ? 1 : 0));
  const params = parseTreeParams({ treesMax: 30, leavesMax: 15, leafRowsMin: 20 });
  return toOnnx(await trainTrees({ columns, labels }, { params, seed: 1 }), inputs);
}
