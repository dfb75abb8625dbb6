import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { Label, PredictionRow } from './judging.ts';
import type { AcknowledgedPublish } from './publishing.ts';

/** The model's inputs, in its order, and the columns in which the sample document stores them. */
export const modelInputs = ['co2Mean', 'temperatureMean', 'humidityMean', 'lightMean'] as const;

interface StoredRow {
  readonly key: string;
  readonly windowStartMs: string;
  readonly co2Mean: number | null;
  readonly temperatureMean: number | null;
  readonly humidityMean: number | null;
  readonly lightMean: number | null;
  readonly predicted: string | boolean;
  readonly score: number;
  readonly modelVersion: string;
}

/** What a viewer's database holds at this moment. */
export interface Tables extends AsyncDisposable {
  archived(): Promise<number>;
  predictions(fromMs?: number): Promise<PredictionRow[]>;
  /** The start of the newest predicted window of each room. */
  newestWindows(): Promise<Map<string, number>>;
  /** True when this reading is a row. */
  holds(deviceId: string, sequence: number): Promise<boolean>;
}

export function openTables(url: string): Tables {
  const pool = new pg.Pool({ connectionString: url, max: 2, application_name: 'penstock-demo' });
  pool.on('error', () => undefined);
  return {
    async archived() {
      const { rows } = await pool.query<{ rows: string }>('select count(*) as rows from readings');
      return Number(rows[0]?.rows ?? 0);
    },
    async predictions(fromMs = 0) {
      const { rows } = await pool.query<StoredRow>(
        `select key, window_start_ms as "windowStartMs", co2_mean as "co2Mean",
                temperature_mean as "temperatureMean", humidity_mean as "humidityMean", light_mean as "lightMean",
                predicted, score, model_version as "modelVersion"
           from predictions where window_start_ms >= $1 order by window_start_ms, key`,
        [fromMs],
      );
      return rows.map(predictionOf);
    },
    async newestWindows() {
      const { rows } = await pool.query<{ key: string; newest: string }>(
        'select key, max(window_start_ms) as newest from predictions group by key',
      );
      return new Map(rows.map(({ key, newest }) => [key, Number(newest)]));
    },
    async holds(deviceId, sequence) {
      const { rowCount } = await pool.query('select 1 from readings where device_id = $1 and sequence = $2 limit 1', [
        deviceId,
        sequence,
      ]);
      return rowCount === 1;
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

function predictionOf(row: StoredRow): PredictionRow {
  return {
    key: row.key,
    windowStartMs: Number(row.windowStartMs),
    features: modelInputs.map((input) => row[input] ?? Number.NaN),
    predicted: typeof row.predicted === 'boolean' ? Number(row.predicted) : Number(row.predicted),
    score: row.score,
    modelVersion: Number(row.modelVersion),
  };
}

/** The labels that the publisher was told are safe. */
export function readLabels(acknowledgedFile: string): Label[] {
  const text = readFileSync(acknowledgedFile, 'utf8');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines
    .filter((line) => line.startsWith('{"kind":"label"'))
    .map((line) => JSON.parse(line) as AcknowledgedPublish)
    .map(({ key, observedAtMs, occupied }) => ({ key, observedAtMs, occupied: occupied === true }));
}
