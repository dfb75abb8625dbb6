import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, Problem } from '@penstock/kernel';
import { runLive } from './live.ts';
import { runOnce } from './once.ts';

const usage = `npm start                      the platform and its demo, until Ctrl-C
npm start -- --once [--json]   the same to the end of the data, in a folder of its own, and an account of it

  --data DIR    labelled recordings instead of simulated rooms; else the folder that PENSTOCK_DATA names
  --no-shift    the sensors stay as they are
  --keep        with --once: leave what the brokers stored
  --json        with --once: one JSON object as the last line`;

const simulation = { seed: 7, rooms: 3, days: 17 };
const root = join(import.meta.dirname, '../../../..');

async function main(): Promise<number> {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      shift: { type: 'boolean', default: true },
      data: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => (ending.signal.aborted ? process.exit(130) : ending.abort()));
  const order = {
    dataFolder: values.data ?? process.env['PENSTOCK_DATA'] ?? null,
    simulation,
    shifted: values.shift,
    signal: ending.signal,
  };
  if (!values.once) return runLive({ ...order, folder: join(root, '.penstock/platform'), end: () => ending.abort() });
  const tell = (line: string): void => console.error(line);
  const { report, code } = await runOnce({ ...order, folder: join(root, '.penstock/once'), keep: values.keep, tell });
  console.log(values.json ? JSON.stringify(report) : JSON.stringify(report, null, 2));
  return code;
}

try {
  process.exitCode = await main();
} catch (thrown) {
  console.error(thrown instanceof Problem ? thrown.message : `penstock: ${messageOf(thrown)}`);
  if (!(thrown instanceof Problem)) console.error(thrown);
  process.exitCode = 1;
}
