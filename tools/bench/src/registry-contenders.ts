import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { cached, cacheFolder, findFreePort, findJava } from '@penstock/brokers';
import { waitFor } from './pipeline-site.ts';

/** A registry as a process of its own. */
export interface Contender extends AsyncDisposable {
  readonly name: string;
  /** What paths of Confluent's API are put behind. */
  readonly url: string;
  readonly pid: number;
  /** From its start until it answered. */
  readonly startedMs: number;
}

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
const apicurio = { group: 'io.apicurio', name: 'apicurio-registry-app', version: '2.6.13.Final' } as const;
const compiled = join(cacheFolder, 'compiled');
const startMsMax = 120_000;

/** Penstock's gateway on a broker, with compiled code kept as `penstock up` and the image do; `topics` names other ones than the usual. */
export async function openGateway(
  kafka: string,
  topics: NodeJS.ProcessEnv = {},
  flags: readonly string[] = [],
): Promise<Contender> {
  const own = { PENSTOCK_KAFKA: kafka, PENSTOCK_REST_PORT: '0', PENSTOCK_GRPC_PORT: '0', NODE_COMPILE_CACHE: compiled };
  const env = { ...process.env, ...own, ...topics };
  const startMs = performance.now();
  const child = spawn(process.execPath, [...flags, join(root, 'apps/schema-gateway/src/main.ts')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = Promise.withResolvers<string>();
  createInterface(child.stdout).on('line', (line) => {
    const { event, rest } = JSON.parse(line) as { event: string; rest?: string };
    if (event === 'service.ready') ready.resolve(rest ?? '');
  });
  child.once('exit', () => ready.reject(new Error('the gateway ended before it was ready')));
  const url = await ready.promise;
  return contender('penstock', { child, url, startedMs: performance.now() - startMs });
}

/** A Fastify that answers, at the same paths, the bytes that it is told: what HTTP alone costs. */
export async function openBare(answers: Readonly<Record<string, string>>): Promise<Contender> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [join(import.meta.dirname, 'registry-bare.ts')], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(answers));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return contender('bare fastify', { child, url: line, startedMs: performance.now() - startMs });
}

/** Apicurio Registry, which keeps everything in memory. Null, with the reason told, where it cannot be had. */
export async function openApicurio(say: (line: string) => void): Promise<Contender | null> {
  try {
    const java = await findJava('Apicurio Registry');
    const folder = await fetchApicurio();
    const port = await findFreePort();
    const runner = join(folder, `${apicurio.name}-${apicurio.version}-runner.jar`);
    const settings = ['-Dquarkus.http.host=127.0.0.1', `-Dquarkus.http.port=${port}`, '-Dquarkus.log.level=WARN'];
    const startMs = performance.now();
    const child = spawn(java, ['-Xmx1g', ...settings, '-jar', runner], { cwd: folder, stdio: 'ignore' });
    const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
    await waitFor(
      'Apicurio Registry to answer',
      () =>
        fetch(`${url}/subjects`).then(
          ({ ok }) => ok,
          () => false,
        ),
      startMsMax,
    );
    return contender('apicurio', { child, url, startedMs: performance.now() - startMs });
  } catch (thrown) {
    say(`goes on without Apicurio Registry: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    return null;
  }
}

function fetchApicurio(): Promise<string> {
  const { group, name, version } = apicurio;
  return cached(cacheFolder, `apicurio-${version}`, async (folder) => {
    const artifact = `-Dartifact=${group}:${name}:${version}:tar.gz:all`;
    await run('mvn', ['-B', '-q', 'dependency:copy', artifact, `-DoutputDirectory=${folder}`]);
    await run('tar', ['xzf', join(folder, `${name}-${version}-all.tar.gz`), '-C', folder]);
  });
}

function contender(
  name: string,
  { child, url, startedMs }: { readonly child: ChildProcess; readonly url: string; readonly startedMs: number },
): Contender {
  return {
    ...{ name, url, startedMs, pid: child.pid ?? 0 },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** Memory of a process that is resident, in megabytes. */
export function residentMegabytes({ pid }: Contender): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  return Number(kilobytes) / 1_024;
}
