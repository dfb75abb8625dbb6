import type { Generated } from './generated.ts';

/** One line of a panel: a query to Prometheus and how its series are called. */
interface Query {
  readonly expr: string;
  readonly legend: string;
}

interface Panel {
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly queries: readonly Query[];
}

interface Section {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const stage = '{{pipeline}}.{{stage}}';
const ours = '{pipeline=~"$pipeline"}';

/** Per second, added up by some labels. */
function rate(metric: string, by: string, where = ours): string {
  return `sum by (${by}) (rate(${metric}${where}[$__rate_interval]))`;
}

function quantile(share: number, metric: string, { by, where = ours }: { by: string; where?: string }): string {
  return `histogram_quantile(${share}, sum by (le, ${by}) (rate(${metric}_bucket${where}[$__rate_interval])))`;
}

const sections: readonly Section[] = [
  {
    title: 'Flow',
    panels: [
      {
        title: 'Rows settled',
        description: 'Rows per second, by stage and by what became of them',
        unit: 'ops',
        queries: [{ expr: rate('penstock_stage_rows_total', 'pipeline, stage, fate'), legend: `${stage} {{fate}}` }],
      },
      {
        title: 'Lag',
        description: 'Records stored in front of a stage and not settled yet',
        unit: 'short',
        queries: [{ expr: `sum by (pipeline, stage) (penstock_stage_lag${ours})`, legend: stage }],
      },
      {
        title: 'Latency',
        description: 'From arrival in the input of a stage to stored',
        unit: 'ms',
        queries: [
          { expr: quantile(0.5, 'penstock_stage_latency_milliseconds', { by: 'pipeline, stage' }), legend: `${stage} p50` },
          { expr: quantile(0.99, 'penstock_stage_latency_milliseconds', { by: 'pipeline, stage' }), legend: `${stage} p99` },
        ],
      },
      {
        title: 'Outputs',
        description: 'Records stored per second, by route',
        unit: 'ops',
        queries: [{ expr: rate('penstock_stage_outputs_total', 'pipeline, stage, route'), legend: `${stage} {{route}}` }],
      },
    ],
  },
  {
    title: 'Accounts',
    panels: [
      {
        title: 'Unaccounted for',
        description: '1 while rows taken in are neither settled nor in flight: must be 0 at all times',
        unit: 'short',
        queries: [{ expr: `max by (pipeline, stage) (penstock_stage_unbalanced${ours})`, legend: stage }],
      },
      {
        title: 'In flight',
        description: 'Rows taken in and not settled yet',
        unit: 'short',
        queries: [{ expr: `sum by (pipeline, stage) (penstock_stage_in_flight${ours})`, legend: stage }],
      },
      {
        title: 'Rejected',
        description: 'Rows per second that went to the dead letters, by code',
        unit: 'ops',
        queries: [{ expr: rate('penstock_stage_rejected_total', 'pipeline, stage, code'), legend: `${stage} {{code}}` }],
      },
      {
        title: 'Waits',
        description: 'Times a lane met an outage and waited, per second',
        unit: 'ops',
        queries: [{ expr: rate('penstock_stage_retries_total', 'pipeline, stage'), legend: stage }],
      },
    ],
  },
  {
    title: 'Doors',
    panels: [
      {
        title: 'Calls',
        description: 'gRPC calls per second, by method and status',
        unit: 'ops',
        queries: [
          {
            expr: rate('rpc_server_call_duration_seconds_count', 'rpc_method, rpc_response_status_code', ''),
            legend: '{{rpc_method}} {{rpc_response_status_code}}',
          },
        ],
      },
      {
        title: 'Duration of calls, p99',
        description: 'By method',
        unit: 's',
        queries: [
          { expr: quantile(0.99, 'rpc_server_call_duration_seconds', { by: 'rpc_method', where: '' }), legend: '{{rpc_method}}' },
        ],
      },
      {
        title: 'Readings by gRPC',
        description: 'Records published per second, by outcome',
        unit: 'ops',
        queries: [{ expr: rate('penstock_ingest_records_total', 'pipeline, stage, outcome'), legend: `${stage} {{outcome}}` }],
      },
      {
        title: 'Sinks',
        description: 'Transactions per second, and upserts that met a row with their id',
        unit: 'ops',
        queries: [
          { expr: rate('penstock_sink_transactions_total', 'pipeline, stage'), legend: `${stage} transactions` },
          { expr: rate('penstock_sink_duplicates_total', 'pipeline, stage'), legend: `${stage} duplicates` },
        ],
      },
    ],
  },
  {
    title: 'Models',
    panels: [
      {
        title: 'Version that serves',
        description: 'By model and alias; 0: none',
        unit: 'short',
        queries: [{ expr: 'max by (model, alias) (penstock_model_serving_version)', legend: '{{model}} {{alias}}' }],
      },
      {
        title: 'Rows scored',
        description: 'Per second, by version and by who asked: a stage, or a caller over gRPC',
        unit: 'ops',
        queries: [{ expr: rate('penstock_model_rows_total', 'model, version, by', ''), legend: '{{model}} {{version}} {{by}}' }],
      },
      {
        title: 'Duration of answers, p99',
        description: 'From asking a model to its answer',
        unit: 'ms',
        queries: [
          {
            expr: quantile(0.99, 'penstock_model_duration_milliseconds', { by: 'model', where: '' }),
            legend: '{{model}}',
          },
        ],
      },
      {
        title: 'Swaps',
        description: 'Moves of aliases that were followed or refused, in five minutes',
        unit: 'short',
        queries: [
          {
            expr: 'sum by (model, alias, outcome) (increase(penstock_model_swaps_total[5m]))',
            legend: '{{model}} {{alias}} {{outcome}}',
          },
          { expr: 'sum(increase(penstock_model_workers_lost_total[5m]))', legend: 'threads lost' },
        ],
      },
    ],
  },
  {
    title: 'Processes',
    panels: [
      {
        title: 'Open doors',
        description: '1 while a service answers',
        unit: 'short',
        queries: [{ expr: 'min by (job, instance) (penstock_service_serving)', legend: '{{job}} {{instance}}' }],
      },
      {
        title: 'Processor',
        description: 'Processors kept busy',
        unit: 'short',
        queries: [{ expr: 'sum by (job) (rate(process_cpu_time_seconds_total[$__rate_interval]))', legend: '{{job}}' }],
      },
      {
        title: 'Memory',
        description: 'Resident memory',
        unit: 'bytes',
        queries: [{ expr: 'sum by (job) (process_memory_usage_bytes)', legend: '{{job}}' }],
      },
      {
        title: 'Event loop',
        description: 'How late timers run, p99',
        unit: 's',
        queries: [{ expr: 'max by (job) (nodejs_eventloop_delay_p99_seconds)', legend: '{{job}}' }],
      },
    ],
  },
];

const columns = 24;
const height = 8;

/** The dashboard for Grafana. */
export async function generateDashboard(): Promise<readonly Generated[]> {
  const panels = sections.flatMap(({ title, panels }, section) => {
    const top = section * (height + 1);
    const width = columns / panels.length;
    const row = { type: 'row', title, collapsed: false, gridPos: { x: 0, y: top, w: columns, h: 1 }, panels: [] };
    const inside = panels.map((panel, index) => panelOf(panel, { x: index * width, y: top + 1, w: width, h: height }));
    return [row, ...inside];
  });
  const dashboard = {
    uid: 'penstock',
    title: 'Penstock',
    tags: ['penstock'],
    schemaVersion: 41,
    editable: false,
    refresh: '5s',
    time: { from: 'now-15m', to: 'now' },
    templating: { list: [pipelineVariable] },
    panels: panels.map((panel, index) => ({ id: index + 1, ...panel })),
  };
  const content = Buffer.from(`${JSON.stringify(dashboard, null, 2)}\n`);
  return [{ place: 'deploy/observability/dashboards/penstock.json', content }];
}

const datasource = { type: 'prometheus', uid: 'prometheus' };

const pipelineVariable = {
  name: 'pipeline',
  type: 'query',
  datasource,
  query: { query: 'label_values(penstock_stage_consumed_total, pipeline)', refId: 'pipeline' },
  includeAll: true,
  multi: true,
  allValue: '.*',
  current: { text: 'All', value: '$__all' },
  refresh: 2,
};

function panelOf({ title, description, unit, queries }: Panel, gridPos: object): object {
  return {
    type: 'timeseries',
    title,
    description,
    datasource,
    gridPos,
    fieldConfig: { defaults: { unit, min: 0, custom: { fillOpacity: 10, showPoints: 'never' } }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(({ expr, legend }, index) => ({ refId: `Q${index}`, datasource, expr, legendFormat: legend })),
  };
}
