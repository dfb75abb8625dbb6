import { readFileSync } from 'node:fs';
import { resolveReferences } from '@penstock/document';
import { type Clock, messageOf } from '@penstock/kernel';
import type { Log } from '@penstock/service';
import { parseAccessFile } from './access-file.ts';
import { Authenticator } from './authenticator.ts';
import { Directory } from './directory.ts';
import type { Credentials, Identity } from './identity.ts';
import { throttled, wrongFile } from './problems.ts';
import { TokenBuckets } from './token-buckets.ts';
import { isAddress } from './token-issuer.ts';

export interface AccessOptions {
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Who comes in. The file is read again when it changes. */
export interface Access {
  /** At once where that is possible. Throws `access.unauthenticated` and `access.throttled`. */
  identify(credentials: Credentials): Identity | Promise<Identity>;
  /** Takes of what the caller may ask in a second. Throws `access.throttled`. */
  count(identity: Identity, how: { readonly peer: string; readonly isChange: boolean }): void;
}

const lookMs = 1_000;

/** Reads the file and keeps looking at it. A file that is wrong later leaves the last good one. Throws `access.wrong-file`. */
export function openAccess(options: AccessOptions): Access {
  const { clock } = options;
  const failures = new TokenBuckets(clock);
  const asked = new TokenBuckets(clock);
  let read = readAccess(options);
  let authenticator = new Authenticator(read.directory, clock, failures);
  void watch(options, () => {
    const seen = seenIn(read.files);
    if (seen === read.seen) return false;
    read = { ...read, seen };
    read = readAccess(options);
    authenticator = new Authenticator(read.directory, clock, failures);
    return true;
  });
  return {
    identify: (credentials) => authenticator.identify(credentials),
    count(identity, { peer, isChange }) {
      const perSecond = isChange ? identity.limits.writesPerSecond : identity.limits.readsPerSecond;
      if (perSecond === undefined) return;
      const who = identity.name === 'anonymous' ? `anonymous@${peer}` : identity.name;
      const waitMs = asked.take(`${isChange ? 'w' : 'r'} ${who}`, { perSecond, burst: Math.max(1, perSecond) });
      if (waitMs > 0) throw throttled('Too many requests', { facts: { retryAfterMs: waitMs } });
    },
  };
}

async function watch({ file, clock, log, signal }: AccessOptions, look: () => boolean): Promise<void> {
  for (;;) {
    await clock.sleep(lookMs, signal);
    if (signal.aborted) return;
    try {
      if (look()) log('access.read', { file });
    } catch (thrown) {
      log('access.kept', { file, message: messageOf(thrown) });
    }
  }
}

interface ReadAccess {
  readonly directory: Directory;
  /** All that the directory was made of, and what stood in it. */
  readonly files: readonly string[];
  readonly seen: string;
}

function readAccess({ file, env }: AccessOptions): ReadAccess {
  const text = readText(file);
  const parsed = parseAccessFile(text, file, (config) => resolveReferences(config, env));
  const keys = Object.values(parsed.issuers).flatMap((issuer) => (isAddress(issuer.keys) ? [] : [issuer.keys]));
  const secrets = [...text.matchAll(/\$\{file:([^}]+)\}/g)].map(([, path = '']) => path);
  const files = [file, ...keys, ...secrets];
  return { directory: new Directory(parsed, readText), files, seen: seenIn(files) };
}

function seenIn(files: readonly string[]): string {
  return JSON.stringify(files.map(textOrNull));
}

function textOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw wrongFile(`${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
