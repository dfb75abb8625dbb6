import { noKey } from '../problems.ts';
import type { Awaitable, FieldFacts, RuleExecutor, RuleUse } from '../rules/executor.ts';
import type { HeldKey } from './key-opener.ts';
import { type KeyUse, parseKeyUse } from './key-use.ts';
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

function createSeal(keyring: Keyring, { moment, subject, parameter }: RuleUse): Seal {
  const use = parseKeyUse(parameter);
  if (subject === null) throw noKey(`key ${use.kekName}: nobody said for which subject`);
  const toWrite = moment === 'WRITE';
  const key = (version: number): Awaitable<HeldKey> => keyring.key({ use, subject, toWrite, version });
  return { toWrite, run: toWrite ? sealing(use, key) : opening(use, key) };
}

type FindKey = (version: number) => Awaitable<HeldKey>;

/** Which key it was is written with the ciphertext where there may be several. */
function sealing({ expiryDays }: KeyUse, key: FindKey): Seal['run'] {
  if (expiryDays === 0) return (plain) => onceThere(key(1), ({ encrypt }) => encrypt(plain));
  return (plain) => onceThere(key(-1), ({ version, encrypt }) => versioned(version, encrypt(plain)));
}

function opening({ expiryDays }: KeyUse, key: FindKey): Seal['run'] {
  if (expiryDays === 0) return (sealed) => onceThere(key(1), ({ decrypt }) => decrypt(sealed));
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
