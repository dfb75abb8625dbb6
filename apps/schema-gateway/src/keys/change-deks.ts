import { Problem } from '@penstock/kernel';
import { modeOf } from '@penstock/registry';
import type { Gateway } from '../gateway.ts';
import { keyRecords } from '../log/records.ts';
import type { State } from '../log/state.ts';
import type { Decision } from '../log/writer.ts';
import {
  type DekChoice,
  type DekPlan,
  type DekWanted,
  decideDekDeletion,
  decideDekUndeletion,
  planDek,
  putDek,
} from './decide-dek.ts';
import type { Dek, Place } from './key.ts';
import type { KeyRecord } from './key-records.ts';
import type { Keys } from './keys.ts';
import { unwrap, wrap } from './wrap.ts';

/** A DEK as its caller gets it. */
export interface OpenedDek {
  readonly dek: Dek & { readonly place?: Place | null };
  /** The key itself, base64, where the gateway may unwrap it. */
  readonly keyMaterial: string | null;
}

/** What the KMS was asked for, and what it was asked about. */
interface Prepared extends DekPlan {
  readonly encryptedKeyMaterial: string | null;
  readonly keyMaterial: string | null;
}

/**
 * Asks the KMS before it takes its turn, which asking would hold up for all; where something else came first, it asks anew. Throws
 * `keys.not-found`, `keys.already-exists`, `keys.too-many`, `keys.invalid`, `keys.kms-failed` and `keys.kms-forbidden`.
 */
export async function createDek(gateway: Gateway, wanted: DekWanted, signal: AbortSignal): Promise<OpenedDek> {
  const { log, tell } = gateway;
  for (;;) {
    const prepared = await prepare(log.state, wanted);
    const created = await log.change(({ keys }) => decide(keys, wanted, prepared), signal);
    if (created === null) continue;
    const { kekName, subject, algorithm, version } = created;
    tell('keys.dek-created', { kek: kekName, subject, algorithm, version });
    return { dek: log.state.keys.dek(created) ?? created, keyMaterial: prepared?.keyMaterial ?? null };
  }
}

/** Null: as far as is known here it is refused, which is decided in turn. */
async function prepare({ keys, registry }: State, wanted: DekWanted): Promise<Prepared | null> {
  const plan = planOrNull(keys, wanted);
  if (plan === null) return null;
  const { kek, known } = plan;
  if (!kek.shared) return { ...plan, encryptedKeyMaterial: wanted.encryptedKeyMaterial, keyMaterial: null };
  const wrapped = plan.wraps ? await wrap(kek, wanted, known && (await unwrap(kek, known))) : wanted.encryptedKeyMaterial;
  const dek = { ...wanted, encryptedKeyMaterial: wrapped };
  // Nothing is stored that cannot be opened again; what is moved here from elsewhere is taken as it is.
  const isImported = modeOf(registry, wanted.subject) === 'IMPORT';
  return { ...plan, encryptedKeyMaterial: wrapped, keyMaterial: isImported ? null : await unwrap(kek, dek) };
}

function planOrNull(keys: Keys, wanted: DekWanted): DekPlan | null {
  try {
    return planDek(keys, wanted);
  } catch (thrown) {
    if (thrown instanceof Problem) return null;
    throw thrown;
  }
}

/** Null: what was prepared is not what it is about any more. */
function decide(keys: Keys, wanted: DekWanted, prepared: Prepared | null): Decision<Dek | null> {
  const { kek, known } = planDek(keys, wanted);
  if (prepared === null || kek !== prepared.kek || known !== prepared.known) return { records: [], answer: null };
  const { rewrap: _, ...named } = wanted;
  const dek = { ...named, encryptedKeyMaterial: prepared.encryptedKeyMaterial };
  return { records: keyRecords([putDek(known, dek)]), answer: dek };
}

/** Throws `keys.not-found` and `keys.not-soft-deleted`. */
export function deleteDeks(
  gateway: Gateway,
  { permanent, ...choice }: DekChoice & { readonly permanent: boolean },
  signal: AbortSignal,
): Promise<void> {
  return write(gateway, choice, {
    ...{ event: 'keys.deks-deleted', signal },
    decide: (keys) => decideDekDeletion(keys, choice, permanent),
  });
}

/** Throws `keys.not-found` and `keys.soft-deleted`. */
export function undeleteDeks(gateway: Gateway, choice: DekChoice, signal: AbortSignal): Promise<void> {
  return write(gateway, choice, {
    ...{ event: 'keys.deks-undeleted', signal },
    decide: (keys) => decideDekUndeletion(keys, choice),
  });
}

interface Writing {
  readonly event: string;
  readonly signal: AbortSignal;
  decide(keys: Keys): KeyRecord[];
}

async function write({ log, tell }: Gateway, choice: DekChoice, { event, signal, decide: decided }: Writing): Promise<void> {
  const count = await log.change(({ keys }) => {
    const records = decided(keys);
    return { records: keyRecords(records), answer: records.length };
  }, signal);
  const { kekName, subject, algorithm } = choice;
  if (count > 0) tell(event, { kek: kekName, subject, algorithm, versions: count });
}
