import { resolve } from 'node:path';
import { cacheFolder } from '@penstock/brokers';
import { buildCompose, readComposition } from './src/docker-compose.ts';
import { findHadolint } from './src/hadolint.ts';
import { checkImage } from './src/image.ts';
import { run } from './src/run.ts';

/**
 * `node tools/deployment/main.ts` checks what deploy/ holds by the real tools, as far as that goes without an engine: the recipe of
 * the image, the compositions, and whether every service starts from what the image contains. Needs Python, Go and some minutes.
 */
const checks: readonly (readonly [name: string, check: () => Promise<unknown>])[] = [
  ['hadolint', async () => run(await findHadolint(cacheFolder), ['deploy/images/Dockerfile'])],
  ['docker compose, all services', async () => readComposition(await buildCompose(cacheFolder), 'deploy/compose/compose.yaml')],
  [
    'docker compose, telemetry',
    async () => readComposition(await buildCompose(cacheFolder), 'deploy/compose/observability.yaml'),
  ],
  [
    'docker compose, rights',
    async () => {
      const files = ['deploy/compose/compose.yaml', 'deploy/compose/access.yaml'];
      return readComposition(await buildCompose(cacheFolder), files, { PENSTOCK_ACCESS_FOLDER: '/etc/penstock/access' });
    },
  ],
  ['the image starts every service', checkImage],
];

process.chdir(resolve(import.meta.dirname, '../..'));
for (const [name, check] of checks) {
  try {
    await check();
    console.log(`ok     ${name}`);
  } catch (thrown) {
    console.log(`FAILED ${name}\n${thrown instanceof Error ? thrown.message : thrown}`);
    process.exitCode = 1;
  }
}
