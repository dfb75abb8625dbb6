import { Problem } from '@penstock/kernel';
import { keyAwaited, noKey } from '../problems.ts';
import type { Awaitable, FieldFacts, RuleExecutor, RuleUse } from '../rules/executor.ts';
import type { HeldKey, KeyWanted } from './key-opener.ts';
import { parseKeyUse } from './key-use.ts';
import type { Keyring } from './keyring.ts';
import { versionBytes, versioned, versionIn } from './versioned.ts';

/** Runs the rules that encrypt what is written and decrypt what is read: fields by their tags (`ENCRYPT`), and whole records (`ENCRYPT_PAYLOAD`). */
export function createEncryptExecutors(keyring: Keyring): readonly RuleExecutor[] {
  return [
    { type: 'ENCRYPT', open: (use) => ({ of: 'fields', waits: true, ...fieldsOf(createSeal(keyring, use)) }) },
    { type: 'ENCRYPT_PAYLOAD', open: (use) => ({ of: 'bytes', waits: true, run: createSeal(keyring, use).run }) },
  ];
}

/** Turns bytes into what is written of them, or back. */
interface Seal {
  readonly toWrite: boolean;
  run(bytes: Uint8Array): Awaitable<Uint8Array>;
}

/** Text is written in base64; other types than text and bytes have no place for what encryption makes of them. */
function fieldsOf({ toWrite, run }: Seal): { run(value: unknown, facts: FieldFacts): Awaitable<unknown> } {
  return {
    run: (value, { typeName, fullName }) => {
      if (typeName === 'BYTES' && value instanceof Uint8Array) return run(value);
      if (typeName === 'STRING' && typeof value === 'string')
        return toWrite ? onceThere(run(Buffer.from(value)), inBase64) : onceThere(run(Buffer.from(value, 'base64')), asText);
      if (!toWrite) return value;
      throw new TypeError(`${fullName} is of type ${typeName}, which cannot be encrypted`);
    },
  };
}

function createSeal(keyring: Keyring, ruleUse: RuleUse): Seal {
  if (ruleUse.moment === 'READ') return { toWrite: false, run: opening(keyring, wantedBy(ruleUse)) };
  try {
    return { toWrite: true, run: sealing(keyring, ruleUse, wantedBy(ruleUse)) };
  } catch (thrown) {
    return { toWrite: true, run: () => unwritten(ruleUse, thrown) };
  }
}

type Wanted = Pick<KeyWanted, 'use' | 'subject'>;

function wantedBy({ subject, parameter }: RuleUse): Wanted {
  const use = parseKeyUse(parameter);
  if (subject === null) throw noKey(`key ${use.kekName}: nobody said for which subject`);
  return { use, subject };
}

/** Which key it was is written with the ciphertext where there may be several. */
function sealing(keyring: Keyring, ruleUse: RuleUse, wanted: Wanted): Seal['run'] {
  const isReplaced = wanted.use.expiryDays > 0;
  const key = (): Awaitable<HeldKey> => {
    try {
      const found = keyring.key({ ...wanted, toWrite: true, version: isReplaced ? -1 : 1 });
      return found instanceof Promise ? found.catch((thrown: unknown) => unwritten(ruleUse, thrown)) : found;
    } catch (thrown) {
      return unwritten(ruleUse, thrown);
    }
  };
  if (!isReplaced) return (plain) => onceThere(key(), ({ encrypt }) => encrypt(plain));
  return (plain) => onceThere(key(), ({ version, encrypt }) => versioned(version, encrypt(plain)));
}

/**
 * A key that is missing is missing for all that is written, and a dead letter would show in clear what was to be hidden: records wait until
 * somebody has looked after it, unless the rule asks for dead letters by name.
 */
function unwritten({ rule }: RuleUse, thrown: unknown): never {
  if (!(thrown instanceof Problem) || thrown.remedy === 'retry' || rule.onFailure === 'DLQ') throw thrown;
  throw keyAwaited(`rule ${rule.name}: ${thrown.message}`, { facts: { rule: rule.name }, cause: thrown });
}

function opening(keyring: Keyring, wanted: Wanted): Seal['run'] {
  const key = (version: number): Awaitable<HeldKey> => keyring.key({ ...wanted, toWrite: false, version });
  if (wanted.use.expiryDays === 0) return (sealed) => onceThere(key(1), ({ decrypt }) => decrypt(sealed));
  return (sealed) => onceThere(key(versionIn(sealed)), ({ decrypt }) => decrypt(sealed.subarray(versionBytes)));
}

function inBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

/** Without a turn of the event loop where the value is there. */
function onceThere<Value, Result>(value: Awaitable<Value>, change: (value: Value) => Result): Awaitable<Result> {
  return value instanceof Promise ? value.then(change) : change(value);
}
