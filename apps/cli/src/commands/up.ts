import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Call, defineCommand } from '../command-line/command.ts';
import { exitCode } from '../command-line/exit-codes.ts';
import { type Output, show, table } from '../command-line/output.ts';
import { wrongUsage } from '../command-line/problems.ts';
import { openPlatform } from '../platform/open-platform.ts';
import { sentenceOf } from '../platform/platform-event.ts';
import { type PlatformRecord, readRunningRecord } from '../platform/platform-record.ts';
import { type Door, doors, type Ports } from '../platform/port-choice.ts';
import { notReady } from '../platform/problems.ts';
import { lastWords, sizeOf } from '../platform/service-log.ts';

const options = {
  detach: { type: 'boolean', short: 'd', says: 'come back when everything answers; `penstock down` ends it' },
  by: {
    type: 'string',
    default: 'auto',
    value: 'auto|process|container',
    says: 'how brokers are run; auto: containers when an engine answers',
  },
  port: { type: 'string', multiple: true, value: 'door=port', says: `demand a port for ${doors.join(', ')}` },
} as const;
type UpCall = Call<typeof options>;

export const up = defineCommand({
  operands: [],
  options,
  details: [
    'Brokers named by PENSTOCK_KAFKA, PENSTOCK_MQTT, PENSTOCK_REDIS and PENSTOCK_POSTGRES are used as they are. Everything else is',
    'started and ended here; data and logs lie in the folder and are there the next time.',
  ],
  run: (call) => (call.values.detach ? upInBackground(call) : upInForeground(call)),
});

async function upInForeground({ values, output, folder, signal }: UpCall): Promise<number> {
  const platform = await openPlatform({
    folder,
    by: parseBy(values.by),
    demandedPorts: parsePorts(values.port),
    signal,
    said: (event) => output.tell(`  ${sentenceOf(event)}`),
  });
  showRecord(output, readRunningRecord(folder) as PlatformRecord);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const unfinished = await platform.stop();
  output.tell(`data and logs are kept in ${folder}; \`penstock up\` goes on, \`penstock down --purge\` erases them`);
  return unfinished.length === 0 ? exitCode.done : exitCode.unsettled;
}

/** The same command as a process of its own; its words go to `logs/platform.log`. */
async function upInBackground({ values, output, folder, signal }: UpCall): Promise<number> {
  const logFile = join(folder, 'logs/platform.log');
  mkdirSync(join(folder, 'logs'), { recursive: true });
  const logFrom = sizeOf(logFile);
  const log = openSync(logFile, 'a');
  const args = [join(import.meta.dirname, '../main.ts'), 'up', '--folder', folder, '--by', parseBy(values.by)];
  const ports = Object.entries(parsePorts(values.port)).flatMap(([door, port]) => ['--port', `${door}=${port}`]);
  const child = spawn(process.execPath, [...args, ...ports], { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  const record = await untilRunning(child, { folder, signal });
  if (record === null) throw notReady(`the platform did not start: ${lastWords(logFile, logFrom)}; see ${logFile}`);
  showRecord(output, record);
  return exitCode.done;
}

/** Null when it ended before; Ctrl-C ends it. */
async function untilRunning(
  child: ChildProcess,
  { folder, signal }: Pick<UpCall, 'folder' | 'signal'>,
): Promise<PlatformRecord | null> {
  const end = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', end);
  try {
    while (child.exitCode === null && child.signalCode === null) {
      const record = readRunningRecord(folder);
      if (record !== null && record.owner.pid === child.pid && record.state === 'running') return record;
      await delay(100);
    }
    return null;
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function showRecord(output: Output, record: PlatformRecord): void {
  const parts = [
    ...Object.entries(record.brokers).map(([name, { address, pid }]) => [name, address, pid === null ? '' : String(pid)]),
    ...Object.entries(record.services).map(([name, { grpc, pid }]) => [name, grpc, String(pid)]),
    ['registry', record.env['PENSTOCK_REGISTRY'] ?? '', ''],
  ];
  show(output, record, () => [
    ...table(['part', 'address', 'pid'], parts),
    '',
    'next: penstock apply <document>, penstock status',
  ]);
}

function parseBy(by: string): 'auto' | 'process' | 'container' {
  if (by === 'auto' || by === 'process' || by === 'container') return by;
  throw wrongUsage(`--by: expected auto, process or container, got ${JSON.stringify(by)}`);
}

function parsePorts(texts: readonly string[]): Partial<Ports> {
  return Object.fromEntries(texts.map(parsePort));
}

function parsePort(text: string): [Door, number] {
  const [name = '', number = ''] = text.split('=');
  const door = doors.find((each) => each === name);
  if (door === undefined) throw wrongUsage(`--port ${text}: expected one of ${doors.join(', ')} before the =`);
  const port = Number(number);
  if (!/^\d+$/.test(number) || port < 1 || port > 65_535) throw wrongUsage(`--port ${text}: expected a port from 1 to 65535`);
  return [door, port];
}
