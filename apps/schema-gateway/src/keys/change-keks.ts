import type { Gateway } from '../gateway.ts';
import { keyRecords } from '../log/records.ts';
import { decideKekCreation, decideKekDeletion, decideKekUndeletion, decideKekUpdate, type KekUpdate } from './decide-kek.ts';
import type { Kek, StoredKek } from './key.ts';
import type { KeyRecord } from './key-records.ts';
import type { Keys } from './keys.ts';

/** Throws `keys.already-exists` and `keys.too-many`. */
export async function createKek(gateway: Gateway, wanted: Kek, signal: AbortSignal): Promise<Kek & Partial<StoredKek>> {
  await write(gateway, {
    kek: wanted.name,
    event: 'keys.kek-created',
    signal,
    decide: (keys) => decideKekCreation(keys, wanted),
  });
  return gateway.log.state.keys.kek(wanted.name) ?? wanted;
}

/** Throws `keys.not-found`. */
export async function updateKek(
  gateway: Gateway,
  { name, update }: { name: string; update: KekUpdate },
  signal: AbortSignal,
): Promise<void> {
  await write(gateway, { kek: name, event: 'keys.kek-updated', signal, decide: (keys) => decideKekUpdate(keys, name, update) });
}

/** Throws `keys.not-found`, `keys.referenced` and `keys.not-soft-deleted`. */
export async function deleteKek(
  gateway: Gateway,
  { name, permanent }: { name: string; permanent: boolean },
  signal: AbortSignal,
): Promise<void> {
  const decide = (keys: Keys): KeyRecord[] => decideKekDeletion(keys, name, permanent);
  await write(gateway, { kek: name, event: 'keys.kek-deleted', signal, decide });
}

/** Throws `keys.not-found`. */
export async function undeleteKek(gateway: Gateway, name: string, signal: AbortSignal): Promise<void> {
  await write(gateway, { kek: name, event: 'keys.kek-undeleted', signal, decide: (keys) => decideKekUndeletion(keys, name) });
}

interface Writing {
  readonly kek: string;
  readonly event: string;
  readonly signal: AbortSignal;
  decide(keys: Keys): KeyRecord[];
}

async function write({ log, tell }: Gateway, { kek, event, signal, decide }: Writing): Promise<void> {
  const count = await log.change(({ keys }) => {
    const records = decide(keys);
    return { records: keyRecords(records), answer: records.length };
  }, signal);
  if (count > 0) tell(event, { kek });
}
