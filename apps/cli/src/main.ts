import { dirname, join } from 'node:path';
import { cacheFolder } from '@penstock/brokers';
import { runCli } from './command-line/run-cli.ts';
import { commands } from './commands.ts';

/** The command `penstock`. A second Ctrl-C ends it at once; what it runs ends with it in any case. */
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => (ending.signal.aborted ? process.exit(130) : ending.abort()));
}
// Whoever reads our output may have read enough.
process.stdout.on('error', (thrown: NodeJS.ErrnoException) => process.exit(thrown.code === 'EPIPE' ? 0 : 1));

const code = await runCli(process.argv.slice(2), commands, {
  env: process.env,
  signal: ending.signal,
  interactive: process.stdout.isTTY === true,
  columns: process.stdout.columns ?? 120,
  defaultFolder: join(dirname(cacheFolder), 'platform'),
  print: (text) => void process.stdout.write(`${text}\n`),
  tell: (text) => void process.stderr.write(`${text}\n`),
});
process.stdout.write('', () => process.exit(code));
