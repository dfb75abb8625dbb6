import { retrain } from '@penstock/contracts';
import { createGrpcClient, type GrpcClient } from '@penstock/service';
import { readAddresses } from '../command-line/addresses.ts';
import { type Call, defineCommand, type Options } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { grpcOptions } from '../command-line/grpc-options.ts';
import { instant, jsonOf, type Output, show, table } from '../command-line/output.ts';
import { parseCount } from '../command-line/parse-call.ts';

type RetrainClient = GrpcClient<typeof retrain.RetrainServiceClient.service>;

function openRetrainer({ env, folder }: Call<Options>): RetrainClient {
  return createGrpcClient(retrain.RetrainServiceClient, readAddresses({ env, folder }).service('retrainer'), grpcOptions(env));
}

const startOptions = {
  reason: {
    type: 'string',
    short: 'r',
    default: 'asked for by hand',
    value: 'text',
    says: 'why; it stands in the history of the run',
  },
  detach: { type: 'boolean', short: 'd', says: 'come back when the run has started' },
} as const;

export const retrainStart = defineCommand({
  operands: ['<model>'],
  options: startOptions,
  details: [
    'Shows the steps as they go on. Exit code 1: the new model was not promoted, and the reason is told. Ctrl-C stops watching.',
  ],
  async run(call) {
    using client = openRetrainer(call);
    const { run } = await client.start({ model: call.operands[0] ?? '', reason: call.values.reason, runId: '' });
    const started = run ?? retrain.Run.fromPartial({});
    if (call.values.detach) return showRun(call.output, started);
    call.output.tell(`run ${started.id} of ${started.model}`);
    const ended = await watch(call, client, started.id);
    return ended === null ? exitCode.unsettled : showRun(call.output, ended);
  },
});

/** Null: it was watched no longer. */
async function watch({ output, signal }: Call<Options>, client: RetrainClient, runId: string): Promise<retrain.Run | null> {
  for await (const { item } of client.watch({ runId }, { signal })) {
    if (item?.$case === 'run') return item.value;
    if (item?.$case === 'step') tellStep(output, item.value);
  }
  return null;
}

function tellStep(output: Output, { name, state, detail }: retrain.Step): void {
  if (state === retrain.StepState.WAITING) return;
  const word = retrain.stepStateToJSON(state).replace('STEP_STATE_', '').toLowerCase();
  output.tell(`  ${name.padEnd(9)} ${word.padEnd(7)} ${detail}`.trimEnd());
}

function stateOf({ state }: retrain.Run): string {
  return retrain.runStateToJSON(state).replace('RUN_STATE_', '').toLowerCase();
}

function showRun(output: Output, run: retrain.Run): number {
  const { id, model, version, reason, metrics, champion, trainedUntilMs } = run;
  show(output, jsonOfRun(run), () => [
    `${model}: run ${id} ${stateOf(run)}${version === undefined ? '' : `, version ${version}`}${reason === '' ? '' : `: ${reason}`}`,
    ...(trainedUntilMs === undefined ? [] : [`  trained on what came before ${instant(trainedUntilMs)}`]),
    ...metricLines(metrics, champion),
  ]);
  return stateOf(run) === 'promoted' || stateOf(run) === 'running' ? exitCode.done : exitCode.failed;
}

function metricLines(metrics: ReadonlyMap<string, number>, champion: ReadonlyMap<string, number>): string[] {
  if (metrics.size === 0) return [];
  const rows = [...metrics].map(([name, value]) => [`  ${name}`, figure(value), figure(champion.get(name))]);
  return table(['  on unseen rows', 'new', 'in service'], rows, ['left', 'right', 'right']);
}

function figure(value: number | undefined): string {
  if (value === undefined) return '–';
  return Number.isInteger(value) ? String(value) : value.toFixed(4);
}

function jsonOfRun(run: retrain.Run): object {
  return { ...run, state: stateOf(run) };
}

const lsOptions = {
  count: { type: 'string', short: 'n', default: '20', value: 'n', says: 'at most so many runs' },
} as const;

export const retrainLs = defineCommand({
  operands: ['[model]'],
  options: lsOptions,
  details: ['Runs, the newest first, and drift alarms that stand.'],
  async run(call) {
    using client = openRetrainer(call);
    const model = call.operands[0] ?? '';
    const [{ runs }, { alarms }] = await Promise.all([
      client.list({ model, limit: parseCount(call.values.count, '--count') }),
      client.listAlarms({ model, standing: true }),
    ]);
    if (call.output.json) call.output.print(jsonOf({ runs: runs.map(jsonOfRun), alarms }));
    else for (const line of [...runTable(runs), ...alarms.flatMap(alarmLines)]) call.output.print(line);
    return exitCode.done;
  },
});

function runTable(runs: readonly retrain.Run[]): string[] {
  if (runs.length === 0) return ['nothing was trained yet'];
  const head = ['run', 'model', 'by', 'requested', 'state', 'version', 'reason'];
  const rows = runs.map((run) => {
    const version = run.version === undefined ? '–' : String(run.version);
    return [run.id, run.model, run.trigger?.kind ?? '–', instant(run.requestedAtMs), stateOf(run), version, run.reason];
  });
  return table(head, rows);
}

function alarmLines({ model, version, sinceDay, reason, readings }: retrain.Alarm): string[] {
  const drifted = readings.filter((reading) => reading.drifted);
  const effects = drifted.map(({ name, effect, limit }) => `${name} ${effect.toFixed(3)} (limit ${limit.toFixed(3)})`);
  return ['', `drift of ${model} version ${version} since ${sinceDay}: ${reason}`, ...effects.map((line) => `  ${line}`)];
}
