import { parseArgs } from 'node:util';
import type { BrokerName } from './declaration.ts';
import { declarations, openBrokers } from './open-brokers.ts';

const usage = `usage: node tools/brokers/src/main.ts up --folder <folder> [--only kafka,mosquitto,redis,postgres] [--keep] [--by auto]

Starts the brokers, prints their addresses as one line of JSON, and ends them at Ctrl-C.`;

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      folder: { type: 'string' },
      only: { type: 'string' },
      keep: { type: 'boolean', default: false },
      by: { type: 'string', default: 'process' },
    },
  });
  if (positionals[0] !== 'up' || values.folder === undefined) {
    console.error(usage);
    return 2;
  }
  await using brokers = await openBrokers({
    folder: values.folder,
    names: parseNames(values.only),
    keep: values.keep,
    by: values.by === 'auto' || values.by === 'container' ? values.by : 'process',
  });
  console.log(JSON.stringify(Object.fromEntries(brokers.all.map(({ name, address, pid }) => [name, { address, pid }]))));
  await untilSignal();
  return 0;
}

function parseNames(only: string | undefined): BrokerName[] {
  const known = declarations.map(({ name }) => name);
  const names = only?.split(',') ?? known;
  return names.map((text) => {
    const name = known.find((each) => each === text);
    if (name === undefined) throw new Error(`--only: expected some of ${known.join(', ')}, got ${JSON.stringify(text)}`);
    return name;
  });
}

function untilSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const alive = setInterval(() => undefined, 60_000);
  process.once('SIGINT', () => resolve());
  process.once('SIGTERM', () => resolve());
  return promise.finally(() => clearInterval(alive));
}

process.exitCode = await main();
