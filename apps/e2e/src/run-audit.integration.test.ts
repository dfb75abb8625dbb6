import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Field, Rows } from '@penstock/kernel';
import { createFateCounts, factFields, factSlots, type Output } from '@penstock/pipeline';
import { createPostgresEncoder, openPostgresSink } from '@penstock/postgres';
import { brokers, randomName } from '@penstock/testing';
import pg from 'pg';
import { type AcknowledgedMeasurement, readAcknowledged } from './acknowledged.ts';
import { roomsRules } from './rooms-rules.ts';
import { auditRun, type RunAudit } from './run-audit.ts';
import { expectedWindows } from './window-audit.ts';

const folder = mkdtempSync(join(tmpdir(), 'penstock-audit-'));
const acknowledgedFile = join(folder, 'acknowledged');
const { signal } = new AbortController();
const startMs = Date.UTC(2026, 1, 11, 14, 48);
let schema = '';

const field = (name: string, type: Field['type'] = 'string'): Field => ({ name, type, nullable: true });
const measured = ['co2Ppm', 'temperatureC', 'humidityPct', 'lightLux'];
const readingFields = [
  field('building'),
  field('room'),
  field('deviceId'),
  field('sequence', 'integer'),
  ...measured.map((name) => field(name, 'number')),
];
const windowFields = [
  field('key'),
  field('windowStartMs', 'integer'),
  field('count', 'integer'),
  ...Object.keys(roomsRules.means).map((name) => field(name, 'number')),
];

type Value = string | number | null | undefined;
interface Row {
  readonly id: string;
  readonly values: Readonly<Record<string, Value>>;
}

/** Stores rows as the services do, by the same sink. */
async function store(
  table: string,
  mode: 'append' | 'upsert',
  { fields, rows }: { fields: Field[]; rows: Row[] },
): Promise<void> {
  const columns = fields.map((each, index) => ({ field: each, slot: factFields.length + index }));
  const encoder = createPostgresEncoder(columns);
  const batch = new Rows([...factFields, ...fields]);
  batch.reset(0);
  const outputs = rows.map(({ id, values }): Output => {
    const row = batch.append(-1);
    batch.values(factSlots.id)[row] = id;
    batch.numbers(factSlots.timeMs)[row] = startMs;
    for (const { field: each, slot } of columns) {
      const value = values[each.name];
      if (typeof value === 'number') batch.numbers(slot)[row] = value;
      else if (typeof value === 'string') batch.values(slot)[row] = value;
    }
    return { id, route: 'main', key: null, payload: encoder.encode(batch, row), headers: [], eventTimeMs: startMs, cause: -1 };
  });
  const settings = { url: brokers().postgres, schema, table, mode };
  await using sink = openPostgresSink(settings, { pipeline: 'rooms', stage: table, columns });
  await using claim = await sink.claim('topic/0', signal);
  const fates = createFateCounts({ forwarded: outputs.length });
  const delivery = { lane: 'topic/0', from: 0, to: rows.length, outputs, changes: [], fates, refusals: [] };
  await claim.deliver(delivery, async () => undefined, signal);
}

async function change(query: string): Promise<void> {
  const client = new pg.Client({ connectionString: brokers().postgres });
  await client.connect();
  await client.query(query.replaceAll('$schema', schema)).finally(() => client.end());
}

/** Two rooms, four devices each, twelve minutes. */
function acknowledge(): AcknowledgedMeasurement[] {
  const lines: string[] = [];
  for (let at = 0; at < 24; at += 1) {
    for (const room of ['r1', 'r2']) {
      for (const name of measured) {
        const observedAtMs = startMs + at * 30_000;
        const reading = { kind: 'reading', key: `b/${room}`, deviceId: `${room}-${name}`, sequence: at + 1, observedAtMs };
        lines.push(JSON.stringify({ ...reading, [name]: name === 'co2Ppm' ? 500 + at : 20 + at / 10 }));
      }
    }
    lines.push(JSON.stringify({ kind: 'label', key: 'b/r1', deviceId: 'r1-camera', sequence: at + 1, occupied: true }));
  }
  writeFileSync(acknowledgedFile, `${lines.join('\n')}\n{"kind":"reading","key":"b/r1","dev`);
  return readAcknowledged(acknowledgedFile);
}

const audit = (): Promise<RunAudit> =>
  auditRun({
    acknowledgedFile,
    tables: { url: brokers().postgres, schema },
    readings: 'readings',
    predictions: 'predictions',
    rules: roomsRules,
    late: new Set(),
  });

beforeEach(async () => {
  schema = randomName('audit');
  const readings = acknowledge();
  await store('readings', 'append', {
    fields: readingFields,
    rows: readings.map(({ id, key, deviceId, sequence, values }) => {
      const [building, room] = key.split('/');
      return { id, values: { building, room, deviceId, sequence, ...values } };
    }),
  });
  await store('predictions', 'upsert', {
    fields: windowFields,
    rows: [...expectedWindows(readings, roomsRules, new Set()).values()].map(({ key, windowStartMs, count, means }) => ({
      id: `preprocess/${key}/${windowStartMs}/0`,
      values: { key, windowStartMs, count, ...means },
    })),
  });
});

afterEach(async () => change('drop schema $schema cascade'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the audit of a run', () => {
  test('finds nothing where all is well', async () => {
    const { readings, windows, holds } = await audit();
    expect(holds).toBe(true);
    expect(readings).toMatchObject({ acknowledged: 192, rows: 192, lost: 0, duplicates: 0, outOfOrder: 0, unknown: 0 });
    expect(windows).toMatchObject({ expected: 24, rows: 24, missing: 0, unexpected: 0, different: 0, writtenAgain: 0 });
  });

  const seventh = `where device_id = 'r1-co2Ppm' and sequence = 7`;
  const copied = 'id, event_time, building, room, device_id, sequence';
  test.each<[string, string, Partial<RunAudit['readings']>]>([
    ['deleted', `delete from $schema.readings ${seventh}`, { lost: 1 }],
    ['doubled', `insert into $schema.readings (${copied}) select ${copied} from $schema.readings ${seventh}`, { duplicates: 1 }],
    [
      'swapped',
      `update $schema.readings set sequence = 15 - sequence where device_id = 'r1-co2Ppm' and sequence in (7, 8)`,
      { outOfOrder: 1 },
    ],
    ['invented', `update $schema.readings set sequence = 99 ${seventh}`, { lost: 1, unknown: 1 }],
  ])('sees a reading that was %s', async (_what, query, found) => {
    await change(query);
    const { readings, holds } = await audit();
    expect(holds).toBe(false);
    expect(readings).toMatchObject({ lost: 0, duplicates: 0, ...found });
    expect(readings.examples.length + readings.unknown).toBeGreaterThan(0);
  });

  const minute = (number: number): number => startMs + number * 60_000;
  const third = `where key = 'b/r2' and window_start_ms = ${minute(2)}`;
  test.each<[string, string, Partial<NonNullable<RunAudit['windows']>>]>([
    ['deleted', `delete from $schema.predictions ${third}`, { missing: 1 }],
    ['written again', `update $schema.predictions set writes = 2 ${third}`, { writtenAgain: 1 }],
    ['changed', `update $schema.predictions set co2_mean = co2_mean + 0.001 ${third}`, { different: 1 }],
    [
      'swapped',
      `update $schema.predictions set window_start_ms = case window_start_ms when ${minute(2)} then ${minute(3)} else ${minute(2)} end
        where key = 'b/r2' and window_start_ms in (${minute(2)}, ${minute(3)})`,
      { different: 2 },
    ],
  ])('sees a window that was %s', async (_what, query, found) => {
    await change(query);
    const { windows, holds } = await audit();
    expect(holds).toBe(false);
    expect(windows).toMatchObject({ unexpected: 0, ...found });
  });
});
