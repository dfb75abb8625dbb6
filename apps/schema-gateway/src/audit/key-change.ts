import type { Kek } from '../keys/key.ts';
import { type KeyRecord, parseDek, parseKek, parseRecordKey } from '../keys/key-records.ts';
import type { State } from '../log/state.ts';

interface What {
  readonly action: string;
  readonly kek: string;
  readonly subject?: string;
  readonly version?: number;
  readonly algorithm?: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** What a record of the keys is going to change. Neither what a KMS is asked with nor a wrapped key is told. */
export function keyChangeOf({ key, value }: KeyRecord, { keys }: State): What {
  const named = parseRecordKey(key);
  if (named.type === 'KEK') {
    const before = keys.kek(named.name);
    const after = value === null ? undefined : parseKek(named, key, value);
    const action = `kek.${verbOf(before, after) ?? 'update'}`;
    return { action, kek: named.name, before: shown(before), after: shown(after) };
  }
  const { kekName: kek, subject, algorithm, version } = named;
  const before = keys.dek(named);
  const verb = verbOf(before, value === null ? undefined : parseDek(named, key, value));
  return { action: `dek.${verb ?? 'rewrap'}`, subject, version, kek, algorithm };
}

interface Deletable {
  readonly deleted: boolean;
}

/** Null: it is there before and after. */
function verbOf(before: Deletable | undefined, after: Deletable | undefined): string | null {
  if (after === undefined) return 'purge';
  if (before === undefined) return 'create';
  if (before.deleted === after.deleted) return null;
  return after.deleted ? 'delete' : 'undelete';
}

function shown(kek: Kek | undefined): object | undefined {
  if (kek === undefined) return undefined;
  const { kmsType, kmsKeyId, kmsProps: props, shared, doc } = kek;
  return { kmsType, kmsKeyId, kmsProps: [...props.keys()], shared, ...(doc === null ? {} : { doc }) };
}
