import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '@penstock/brokers';
import { run } from './run.ts';

const version = 'v2.40.3';
const name = `docker-compose-${version}`;
const program = 'docker-compose';

/** Docker Compose itself, if it was built before; null when it was not. */
export function builtCompose(cacheFolder: string): string | null {
  const file = join(cacheFolder, name, program);
  return existsSync(file) ? file : null;
}

/**
 * Builds Docker Compose from its sources, in some minutes: it checks compositions without an engine. Its module cannot be
 * installed by itself, so it is built as the dependency of an empty one.
 */
export async function buildCompose(cacheFolder: string): Promise<string> {
  const folder = await cached(cacheFolder, name, async (target) => {
    writeFileSync(join(target, 'go.mod'), 'module penstock/compose\n\ngo 1.24\n');
    await run('go', ['get', `github.com/docker/compose/v2/cmd@${version}`], { cwd: target });
    await run('go', ['build', '-o', program, 'github.com/docker/compose/v2/cmd'], { cwd: target });
  });
  return join(folder, program);
}

/** Lets Docker Compose read a composition, of one file or several, as it would before starting it. Throws with what it dislikes. */
export function readComposition(
  compose: string,
  files: string | readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const named = [files].flat().flatMap((file) => ['-f', file]);
  return run(compose, [...named, 'config', '--format', 'json'], { env: { ...process.env, ...env } });
}
