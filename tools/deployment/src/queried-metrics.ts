import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = 'deploy/observability';

/** A metric as OpenTelemetry knows it; the kind is absent where only its declaration is known. */
export interface EmittedMetric {
  readonly name: string;
  readonly unit: string;
  readonly kind?: 'gauge' | 'counter' | 'histogram';
}

/** The names of all metrics that dashboards and alerts ask for, as they are spelt in Prometheus. */
export function queriedMetrics(): string[] {
  const dashboards = readdirSync(join(folder, 'dashboards')).map((file) =>
    readFileSync(join(folder, 'dashboards', file), 'utf8'),
  );
  const queries = dashboards.flatMap((text) => expressionsIn(JSON.parse(text)));
  const alerts = readFileSync(join(folder, 'alerts.yaml'), 'utf8');
  const names = [...queries, alerts].flatMap((text) => text.match(/\b(?:penstock|rpc|process|nodejs)_[a-z0-9_]+(?=\b)/g) ?? []);
  return [...new Set(names)].filter((name) => !labels.has(name)).sort();
}

/** Labels that look like metrics. */
const labels = new Set(['rpc_method', 'rpc_response_status_code']);

function expressionsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    (key === 'expr' || key === 'query') && typeof inner === 'string' ? [inner] : expressionsIn(inner),
  );
}

const suffixes: Readonly<Record<string, string>> = { s: '_seconds', ms: '_milliseconds', By: '_bytes' };

const parts = { gauge: [''], counter: ['_total'], histogram: ['_bucket', '_sum', '_count'] };

/** The names under which a metric can be asked for: the collector appends the unit, and what the metric consists of. */
export function prometheusNames({ name, unit, kind }: EmittedMetric): string[] {
  const base = `${name.replaceAll('.', '_')}${suffixes[unit] ?? (unit === '1' ? '_ratio' : '')}`;
  const endings = kind === undefined ? Object.values(parts).flat() : parts[kind];
  return endings.map((ending) => `${base}${ending}`);
}
