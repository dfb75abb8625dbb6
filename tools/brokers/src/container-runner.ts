import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Declaration, Site } from './declaration.ts';
import { forgetProcess, recordContainer } from './process-record.ts';
import { runProgram } from './run-program.ts';
import type { Runner, Running } from './runner.ts';

const docker = 'docker';

export interface ContainerRun {
  readonly declaration: Declaration;
  /** The name of the container, and of the volume that keeps its data. */
  readonly name: string;
  /** The broker's own folder on this machine: configuration and the record of its container. */
  readonly folder: string;
  readonly port: number;
}

/** True when a container engine answers; the program alone may be there without one. */
export async function hasContainerEngine(): Promise<boolean> {
  return runProgram({ file: docker, args: ['info'] }).then(
    () => true,
    () => false,
  );
}

/** Runs a broker out of its official image. Its data lies in a volume of the container's name. */
export function createContainerRunner(run: ContainerRun): Runner {
  return {
    async start() {
      writeConfiguration(run);
      await runProgram({ file: docker, args: ['rm', '--force', run.name] });
      recordContainer(run.folder, run.name);
      await runProgram({ file: docker, args: runArguments(run) });
      return follow(run);
    },
    async erase() {
      await runProgram({ file: docker, args: ['volume', 'rm', '--force', run.name] });
    },
  };
}

/** The broker's view of itself inside a container that clients reach under another host and port. */
export function containerSite({ container }: Declaration, clients: Pick<Site, 'clientHost' | 'clientPort'>): Site {
  const { dataFolder, configFolder, port } = container;
  return { host: '0.0.0.0', port, ...clients, innerPort: port + 1, dataFolder, configFolder };
}

function siteOf({ declaration, port }: ContainerRun): Site {
  return containerSite(declaration, { clientHost: '127.0.0.1', clientPort: port });
}

/** The arguments of `docker` that start the broker in the background. */
export function runArguments(run: ContainerRun): string[] {
  const { declaration, name, folder, port } = run;
  const image = declaration.container;
  const hasFiles = Object.keys(declaration.files(siteOf(run))).length > 0;
  return [
    ...['run', '--rm', '--detach', '--name', name],
    ...['--publish', `127.0.0.1:${port}:${image.port}`],
    ...['--volume', `${name}:${image.dataFolder}`],
    ...(hasFiles ? ['--volume', `${join(folder, 'config')}:${image.configFolder}:ro`] : []),
    ...Object.entries(image.env).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    image.image,
    ...image.args(siteOf(run)),
  ];
}

function writeConfiguration(run: ContainerRun): void {
  const folder = join(run.folder, 'config');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(run.declaration.files(siteOf(run)))) writeFileSync(join(folder, name), text);
}

async function follow({ name, folder, declaration }: ContainerRun): Promise<Running> {
  const inspected = await runProgram({ file: docker, args: ['inspect', '--format', '{{.State.Pid}}', name] });
  const act = async (...args: string[]): Promise<void> => void (await runProgram({ file: docker, args }));
  let printed = '';
  const logs = spawn(docker, ['logs', '--follow', name], { stdio: ['ignore', 'pipe', 'pipe'] });
  const keep = (chunk: Buffer): void => {
    printed = (printed + chunk.toString()).slice(-2000);
  };
  logs.stdout.on('data', keep);
  logs.stderr.on('data', keep);
  const ended = runProgram({ file: docker, args: ['wait', name] }).catch(() => 'unknown');
  return {
    pid: Number(inspected.trim()),
    ended: ended.then((code) => `ended with code ${code.trim()}`).finally(() => forgetProcess(folder)),
    stop: () => act('kill', '--signal', declaration.stop.signal, name),
    kill: () => act('kill', name),
    freeze: () => act('pause', name),
    // Unpausing what is not paused is an error to the engine and none to us.
    thaw: () => act('unpause', name).catch(() => undefined),
    lastLines: () => printed,
  };
}
