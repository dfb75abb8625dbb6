import { setTimeout as delay } from 'node:timers/promises';
import { styleText } from 'node:util';
import type { stages } from '@penstock/contracts';
import { type Addresses, readAddresses } from '../command-line/addresses.ts';
import { type Call, defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { count, duration, instant, show, table } from '../command-line/output.ts';
import { readServices, type ServiceReading, stateOf, totalOf } from './stage-readings.ts';

const options = {
  pipeline: { type: 'string', short: 'p', default: '', value: 'name', says: 'only the stages of this pipeline' },
  watch: { type: 'boolean', short: 'w', says: 'again each second, until Ctrl-C' },
} as const;
type StatusCall = Call<typeof options>;

const intervalMs = 1_000;

/** What is shown of a stage: its status, and what it did within the last interval. */
interface StageLine {
  readonly service: string;
  readonly status: stages.StageStatus;
  readonly rowsPerSecond: number;
}

export const status = defineCommand({
  operands: [],
  options,
  details: ['Rates are taken over one second. Exit code 1: a service or a stage does not do its work.'],
  async run(call) {
    const addresses = readAddresses(call);
    let before = await readServices(addresses, call.env, call.values.pipeline);
    for (;;) {
      await delay(intervalMs, undefined, { signal: call.signal }).catch(() => undefined);
      if (call.signal.aborted) return exitCode.done;
      const now = await readServices(addresses, call.env, call.values.pipeline);
      showStatus(call, addresses, { now, lines: linesOf(before, now) });
      if (!call.values.watch) return isWell(now) ? exitCode.done : exitCode.failed;
      before = now;
    }
  },
});

function linesOf(before: readonly ServiceReading[], now: readonly ServiceReading[]): StageLine[] {
  const earlier = new Map(before.flatMap(({ stages }) => stages.map((each) => [nameOf(each), each.consumed] as const)));
  return now.flatMap(({ service, stages }) =>
    stages.map((each) => {
      const rows = Number(each.consumed - (earlier.get(nameOf(each)) ?? each.consumed));
      return { service, status: each, rowsPerSecond: Math.max(0, (rows * 1_000) / intervalMs) };
    }),
  );
}

function nameOf({ pipeline, stage }: stages.StageStatus): string {
  return `${pipeline}.${stage}`;
}

function isWell(services: readonly ServiceReading[]): boolean {
  return services.every(({ health, stages }) => health === 'serving' && stages.every((each) => stateOf(each) !== 'stopped'));
}

interface Shown {
  readonly now: readonly ServiceReading[];
  readonly lines: readonly StageLine[];
}

function showStatus({ output, values }: StatusCall, { platform }: Addresses, { now, lines }: Shown): void {
  if (values.watch && output.interactive && !output.json) output.print('\u001b[2J\u001b[H');
  const services = now.map(({ service, address, health }) => {
    const { pid = null, restarts = 0 } = platform?.services[service] ?? {};
    return { service, address, health, pid, restarts };
  });
  const data = { services, stages: lines.map(jsonOfLine) };
  show(output, data, () => [
    ...table(
      ['service', 'address', 'health', 'pid', 'restarts'],
      services.map(({ service, address, health, pid, restarts }) => [
        service,
        address,
        coloured(health),
        String(pid ?? ''),
        String(restarts),
      ]),
    ),
    '',
    ...stageTable(lines),
  ]);
}

function stageTable(lines: readonly StageLine[]): string[] {
  if (lines.length === 0) return ['no stage runs: `penstock apply <document>` brings some'];
  const head = ['stage', 'service', 'state', 'rows/s', 'lag', 'p50', 'p99', 'consumed', 'in flight', 'balances', 'last progress'];
  const right = (column: number): 'left' | 'right' => (column > 2 && column < 9 ? 'right' : 'left');
  const rows = lines.map(({ service, status: each, rowsPerSecond }) => [
    nameOf(each),
    service,
    coloured(stateOf(each)),
    count(Math.round(rowsPerSecond)),
    count(totalOf(each.lag)),
    duration(each.latency?.p50Ms),
    duration(each.latency?.p99Ms),
    count(each.consumed),
    count(each.inFlight),
    each.balances ? 'yes' : styleText('red', 'NO'),
    each.lastProgressAtMs === undefined ? '–' : instant(each.lastProgressAtMs),
  ]);
  const problems = lines.flatMap(({ status: each }) =>
    each.problem === undefined ? [] : [`${nameOf(each)}: ${each.problem.code}: ${each.problem.message}`],
  );
  return [
    ...table(
      head,
      rows,
      head.map((_, column) => right(column)),
    ),
    ...(problems.length === 0 ? [] : ['', ...problems]),
  ];
}

function coloured(word: string): string {
  if (word === 'serving' || word === 'flowing') return styleText('green', word);
  return styleText(word === 'starting' || word === 'waiting' ? 'yellow' : 'red', word);
}

function jsonOfLine({ service, status: each, rowsPerSecond }: StageLine): object {
  return { ...each, service, state: stateOf(each), rowsPerSecond, lagRows: totalOf(each.lag) };
}
