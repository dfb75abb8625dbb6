import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Brokers, openBrokers } from '@penstock/brokers';
import { randomName, seeded, until } from '@penstock/testing';
import { type GatewayProcess, startGateway } from './testing/gateway-process.ts';
import { ask } from './testing/open-gateway.ts';

const folder = mkdtempSync(join(tmpdir(), 'penstock-gateway-'));
let brokers: Brokers;
const running = new Set<GatewayProcess>();
const loads = new Set<Load>();

beforeAll(async () => {
  brokers = await openBrokers({ folder, names: ['kafka'] });
}, 120_000);

afterEach(async () => {
  for (const gateway of running) await gateway.end('SIGKILL');
  running.clear();
  for (const load of loads) await load.stop();
  loads.clear();
});

afterAll(async () => {
  await brokers[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

function topics(): NodeJS.ProcessEnv {
  const name = randomName('t');
  return {
    PENSTOCK_SCHEMAS_TOPIC: `_schemas_${name}`,
    PENSTOCK_PIPELINES_TOPIC: `pipelines_${name}`,
    PENSTOCK_MODELS_TOPIC: `models_${name}`,
  };
}

async function start(env: NodeJS.ProcessEnv): Promise<GatewayProcess> {
  const gateway = await startGateway({ PENSTOCK_KAFKA: brokers.kafka.address, ...env });
  running.add(gateway);
  return gateway;
}

async function kill(gateway: GatewayProcess): Promise<void> {
  running.delete(gateway);
  await gateway.end('SIGKILL');
}

/** Writers that register new schemas, one after the other, each until it is answered, at whichever gateway answers. */
class Load {
  readonly acknowledged = new Map<string, number>();
  failures = 0;
  readonly #gateways: () => readonly GatewayProcess[];
  readonly #writers: Promise<void>[];
  readonly #ending = new AbortController();

  constructor(gateways: () => readonly GatewayProcess[], writers: number) {
    this.#gateways = gateways;
    loads.add(this);
    this.#writers = Array.from({ length: writers }, (_, writer) => this.#write(writer));
  }

  async #write(writer: number): Promise<void> {
    for (let round = 0; !this.#ending.signal.aborted; round += 1) await this.#register(writer, schemaOf(writer, round));
  }

  async #register(writer: number, schema: string): Promise<void> {
    const subject = `writer-${writer}`;
    for (let attempt = 0; ; attempt += 1) {
      const gateways = this.#gateways();
      const gateway = gateways[(attempt + writer) % Math.max(1, gateways.length)];
      const answer =
        gateway === undefined
          ? null
          : await ask(gateway.url, `POST /subjects/${subject}/versions`, { body: { schema } }).catch(() => null);
      if (answer?.status === 200) {
        this.acknowledged.set(`${subject} ${schema}`, (answer.body as { id: number }).id);
        return;
      }
      if (answer !== null && answer.status < 500) throw new Error(`${answer.status}: ${answer.text}`);
      this.failures += 1;
      if (this.#ending.signal.aborted) return;
    }
  }

  async reaches(count: number): Promise<void> {
    await until(() => this.acknowledged.size >= count, { deadlineMs: 40_000, what: `${count} registered schemas` });
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.#writers);
  }
}

/** Fields are only added, with defaults: each version goes with the one before. */
function schemaOf(writer: number, round: number): string {
  const fields = Array.from({ length: round + 1 }, (_, field) => `{"name":"f${field}","type":"int","default":0}`);
  return `{"type":"record","name":"W${writer}","fields":[${fields.join(',')}]}`;
}

/** What was answered must be there, each schema once, under an id of its own and without a gap in the versions. */
async function audit({ acknowledged }: Load, { url }: GatewayProcess): Promise<void> {
  const all = (await ask(url, 'GET /schemas')).body as { subject: string; version: number; id: number; schema: string }[];
  const stored = new Map(all.map(({ subject, schema, id }) => [`${subject} ${schema}`, id]));
  expect(stored.size).toBe(all.length);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect([...acknowledged].filter(([name, id]) => stored.get(name) !== id)).toEqual([]);
  for (const subject of new Set(all.map((each) => each.subject))) {
    const versions = all.filter((each) => each.subject === subject).map(({ version }) => version);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
  }
}

test(
  'gateways that are killed while they register lose nothing that was answered, and double nothing',
  seeded(async (random) => {
    const env = topics();
    let gateways = [await start(env), await start(env)];
    const load = new Load(() => gateways, 6);
    for (const kills of [1, 2, 3, 4]) {
      await load.reaches(kills * 40 + Math.floor(random() * 20));
      const victim = gateways[Math.floor(random() * 2)] as GatewayProcess;
      gateways = gateways.filter((gateway) => gateway !== victim);
      await kill(victim);
      gateways = [...gateways, await start(env)];
    }
    await load.reaches(load.acknowledged.size + 20);
    await load.stop();
    expect(load.failures).toBeGreaterThan(0);
    for (const gateway of [...gateways, await start(env)]) await audit(load, gateway);
  }),
  150_000,
);

test('while Kafka is away reads are answered and writes wait; afterwards they are there once', async () => {
  const gateway = await start({ ...topics(), PENSTOCK_CHANGE_MS_MAX: '3000' });
  const load = new Load(() => [gateway], 4);
  await load.reaches(20);
  await brokers.kafka.kill();
  expect(await ask(gateway.url, 'GET /schemas/ids/1')).toMatchObject({ status: 200 });
  const late = await ask(gateway.url, 'POST /subjects/late/versions', { body: { schema: '"int"' } });
  expect(late).toMatchObject({ status: 500, body: { error_code: 50_002 } });
  const before = load.acknowledged.size;
  await brokers.kafka.start();
  await load.reaches(before + 20);
  await load.stop();
  expect(load.failures).toBeGreaterThan(0);
  await audit(load, gateway);
  expect(await gateway.end('SIGTERM')).toBe(0);
  running.delete(gateway);
}, 150_000);
