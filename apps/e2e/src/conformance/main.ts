import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openBrokers } from '@penstock/brokers';
import { GatewayProcess } from '../registry/gateway-process.ts';
import { clients, runRegistryConformance } from './registry.ts';
import { tableOf } from './table.ts';

const usage = `npm run conformance -- registry [--json] [--only ${clients.join(',')}] [--url REGISTRY]`;
const folder = join(import.meta.dirname, '../../../../.penstock/conformance');

/**
 * `npm run conformance -- registry`: a gateway on a Kafka of its own, and what stock clients of other languages make of it. With
 * `--url` a registry that runs already. Exit code 1 when something failed; what cannot be fetched is told, and is no failure.
 */
async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string', default: clients.join(',') },
      url: { type: 'string' },
    },
  });
  const only = clients.filter((name) => values.only.split(',').includes(name));
  if (positionals[0] !== 'registry' || only.length !== values.only.split(',').length) {
    console.error(usage);
    return 2;
  }
  await using place = await openRegistry(values.url);
  const prefix = `conformance-${Date.now().toString(36)}`;
  const { url, kafka } = place;
  const checks = await runRegistryConformance({ url, kafka, prefix, only, tell: (line) => console.error(line) });
  const holds = checks.every(({ outcome }) => outcome !== 'failed');
  for (const line of tableOf(checks)) console.error(line);
  if (values.json) console.log(JSON.stringify({ conformance: 'registry', checks, holds }));
  return holds ? 0 : 1;
}

interface Place extends AsyncDisposable {
  readonly url: string;
  readonly kafka: string | null;
}

async function openRegistry(url: string | undefined): Promise<Place> {
  const { PENSTOCK_KAFKA: own } = process.env;
  if (url !== undefined) return { url, kafka: own?.split(',')[0] || null, [Symbol.asyncDispose]: async () => undefined };
  // A Kafka of the user's gets no subjects of ours.
  delete process.env['PENSTOCK_KAFKA'];
  rmSync(folder, { recursive: true, force: true });
  await using opened = new AsyncDisposableStack();
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const brokers = opened.use(await openBrokers({ folder, names: ['kafka'] }));
  const gateway = opened.use(await GatewayProcess.open('conformance', { PENSTOCK_KAFKA: brokers.kafka.address }));
  const all = opened.move();
  return { url: gateway.url, kafka: brokers.kafka.address, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

process.exitCode = await main();
