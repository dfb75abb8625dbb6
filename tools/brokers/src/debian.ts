import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache.ts';
import type { Log } from './declaration.ts';
import { findProgram, runProgram } from './run-program.ts';

export interface Program {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface PackagedProgram {
  readonly program: string;
  /** The Debian package that has it. */
  readonly package: string;
  readonly downloadMegabytes: number;
}

/**
 * Finds a server on the PATH, else unpacks its Debian package and the libraries that this system lacks into the cache.
 * Nothing is installed: apt works on lists and archives of its own, as any user. Throws with what to install elsewhere.
 */
export async function findOrUnpack(wanted: PackagedProgram, cacheFolder: string, log: Log): Promise<Program> {
  const installed = findProgram(wanted.program);
  if (installed !== null) return { file: installed, env: {} };
  if (findProgram('apt-get') === null || findProgram('dpkg') === null) {
    throw new Error(
      `${wanted.program} is not on the PATH and this is no Debian system to fetch it from: install ${wanted.package}`,
    );
  }
  const folder = await cached(cacheFolder, `debian-${wanted.package}`, async (target) => {
    log(`${wanted.package}: downloading Debian's package and package lists, about ${wanted.downloadMegabytes} MB`);
    await unpack(wanted.package, target);
  });
  return { file: programIn(folder, wanted.program), env: { LD_LIBRARY_PATH: libraryFolders(folder).join(':') } };
}

async function unpack(name: string, folder: string): Promise<void> {
  const state = join(folder, 'apt');
  const settings = aptSettings(state);
  await runProgram({ file: 'apt-get', args: [...settings, 'update'] });
  await runProgram({
    file: 'apt-get',
    args: [...settings, 'install', '--yes', '--no-install-recommends', '--download-only', name],
  });
  const archives = join(state, 'cache/archives');
  for (const file of readdirSync(archives).filter((entry) => entry.endsWith('.deb'))) {
    await runProgram({ file: 'dpkg', args: ['-x', join(archives, file), join(folder, 'unpacking')] });
  }
  renameSync(join(folder, 'unpacking'), join(folder, 'root'));
  rmSync(state, { recursive: true });
}

/** apt's own folders below ours. The system's list of installed packages is only read: what is there is not fetched again. */
function aptSettings(state: string): string[] {
  for (const folder of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(state, folder), { recursive: true });
  const settings = {
    'Dir::State': state,
    'Dir::State::status': '/var/lib/dpkg/status',
    'Dir::Cache': join(state, 'cache'),
    'Debug::NoLocking': '1',
    'APT::Sandbox::User': process.getuid?.() === 0 ? 'root' : '',
    'Acquire::Languages': 'none',
  };
  return ['--quiet', ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
}

function programIn(folder: string, program: string): string {
  const candidates = ['usr/sbin', 'usr/bin', 'sbin', 'bin'].map((place) => join(folder, 'root', place, program));
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`${folder} holds no ${program}: delete that folder and try again`);
  return found;
}

function libraryFolders(folder: string): string[] {
  return ['usr/lib', 'lib'].flatMap((place) => {
    const parent = join(folder, 'root', place);
    if (!existsSync(parent)) return [];
    const triplets = readdirSync(parent).filter((entry) => entry.includes('-linux-'));
    return [parent, ...triplets.map((triplet) => join(parent, triplet))];
  });
}
