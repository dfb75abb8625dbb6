import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, type ProcessIdentity } from '@penstock/brokers';
import type { Ports } from './port-choice.ts';

/** `<folder>/platform.json`: where everything listens, for whoever wants to talk to it; addresses may hold passwords of the user's. */
export interface PlatformRecord {
  /** The process that holds the platform; null while it does not run. */
  readonly owner: ProcessIdentity | null;
  readonly state: 'starting' | 'running' | 'stopping' | 'stopped';
  readonly startedAtMs: number;
  /** Taken again at the next start. */
  readonly ports: Ports;
  readonly brokers: Readonly<Record<string, { readonly address: string; readonly pid: number | null }>>;
  readonly services: Readonly<Record<string, { readonly grpc: string; readonly pid: number | null; readonly restarts: number }>>;
  /** What the services were told about where things are. */
  readonly env: Readonly<Record<string, string>>;
}

const file = 'platform.json';

export function readRecord(folder: string): PlatformRecord | null {
  const path = join(folder, file);
  if (!existsSync(path)) return null;
  return JSON.parse(readFileSync(path, 'utf8')) as PlatformRecord;
}

/** Appears whole or not at all: others read it at any time. */
export function writeRecord(folder: string, record: PlatformRecord): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, file);
  writeFileSync(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The record of a platform whose process lives; null when there is none. */
export function readRunningRecord(folder: string): (PlatformRecord & { readonly owner: ProcessIdentity }) | null {
  const record = readRecord(folder);
  if (record === null || record.owner === null || !isRunning(record.owner)) return null;
  return { ...record, owner: record.owner };
}
