import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from './run.ts';

const services = ['schema-gateway', 'mqtt-ingestor', 'preprocessor', 'model-server', 'sink-dispatcher', 'retrainer'];

/**
 * Does what the recipe of the image does, in a folder: copies what is let in, installs what production needs, and starts every
 * service. Without its configuration each must say so and end with code 2, which proves that all it imports is there. The command line
 * checks the sample document.
 */
export async function checkImage(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-image-'));
  try {
    for (const entry of letIn()) cpSync(entry, join(folder, entry), { recursive: true, filter: isWanted });
    await run('npm', ['ci', '--omit=dev', '--omit=optional', '--no-audit', '--no-fund'], { cwd: folder });
    for (const service of services) await startUnconfigured(folder, service);
    await run(process.execPath, ['apps/cli/src/main.ts', 'check', 'deploy/pipelines/rooms.yaml'], { cwd: folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function letIn(): string[] {
  const lines = readFileSync('deploy/images/Dockerfile.dockerignore', 'utf8').split('\n');
  return lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
}

function isWanted(path: string): boolean {
  return !path.endsWith('.test.ts') && !path.includes('node_modules') && !path.includes('.penstock');
}

async function startUnconfigured(folder: string, service: string): Promise<void> {
  const entry = join('apps', service, 'src/main.ts');
  const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` };
  const said = await run(process.execPath, [entry], { cwd: folder, env }).then(
    () => 'it started without a configuration',
    (thrown: Error) => thrown.message,
  );
  if (!said.includes('PENSTOCK_KAFKA: expected')) throw new Error(`${service}: ${said}`);
}
