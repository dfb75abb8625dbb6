import { type Clock, messageOf, Problem } from '@penstock/kernel';
import { noKey } from '../problems.ts';
import type { DekCipher } from './dek-cipher.ts';
import { createDekMaterial, openDek } from './dek-material.ts';
import type { Dek, DekPlace, Kek, KeyRegistry } from './key-registry.ts';
import type { KeyUse } from './key-use.ts';
import type { Kms, KmsEnv } from './kms-key.ts';
import { openKmsOfKek } from './kms-of-kek.ts';

export interface KeyWanted {
  readonly use: KeyUse;
  readonly subject: string;
  /** To encrypt with: it is made where it is not there, and anew when it has grown too old. */
  readonly toWrite: boolean;
  /** That a ciphertext names; -1 is the latest. */
  readonly version: number;
}

export interface HeldKey extends DekCipher {
  readonly version: number;
}

export interface OpenedKey {
  readonly held: HeldKey;
  /** When it has to be asked for again. */
  readonly untilMs: number;
}

export interface OpeningOptions {
  readonly registry: KeyRegistry;
  readonly env: KmsEnv;
  readonly clock: Clock;
  /** For how long a key that could not be had is not asked for again. */
  readonly refusedForMs: number;
  /** For an answer of the KMS. */
  readonly timeoutMs: number;
}

/** A data key as the registry has it, and until when it is the one to use. */
interface FoundDek {
  readonly dek: Dek;
  readonly untilMs: number;
}

const dayMs = 86_400_000;

/** Finds a key in the registry, or makes it where one may, and has it unwrapped. */
export class KeyOpener {
  readonly #options: OpeningOptions;

  constructor(options: OpeningOptions) {
    this.#options = options;
  }

  async open(wanted: KeyWanted): Promise<OpenedKey> {
    const kek = await this.#kek(wanted);
    const { dek, untilMs } = await this.#dek(wanted, kek);
    const material = await this.#material(wanted, kek, dek);
    try {
      return { held: { version: dek.version, ...openDek(wanted.use.algorithm, material) }, untilMs };
    } catch (thrown) {
      throw noKey(`key ${kek.name} › ${wanted.subject}: ${messageOf(thrown)}`, { facts: { kek: kek.name } });
    }
  }

  async #kek({ use, toWrite }: KeyWanted): Promise<Kek> {
    const { registry } = this.#options;
    const kek = (await registry.kek(use.kekName, !toWrite)) ?? (toWrite ? await this.#createKek(use) : null);
    if (kek === null) throw noKey(`key ${use.kekName}: the registry does not know it`, { facts: { kek: use.kekName } });
    for (const name of ['kmsType', 'kmsKeyId'] as const) {
      if (use[name] !== null && use[name] !== kek[name])
        throw noKey(`key ${use.kekName}: the rule says ${name} ${use[name]}, the registry ${kek[name]}`);
    }
    return kek;
  }

  async #createKek({ kekName, kmsType, kmsKeyId }: KeyUse): Promise<Kek | null> {
    if (kmsType === null || kmsKeyId === null)
      throw noKey(`key ${kekName}: to make it, the rule has to say encrypt.kms.type and encrypt.kms.key.id`);
    const { registry } = this.#options;
    return (await registry.createKek({ name: kekName, kmsType, kmsKeyId, shared: false })) ?? registry.kek(kekName, false);
  }

  async #dek(wanted: KeyWanted, kek: Kek): Promise<FoundDek> {
    const { toWrite, use, subject, version } = wanted;
    const found = await this.#options.registry.dek(placeOf(wanted), !toWrite);
    const known = found !== null && hasMaterial(found) ? found : null;
    if (!toWrite) {
      if (known !== null) return { dek: known, untilMs: Infinity };
      throw noKey(`key ${use.kekName} › ${subject}: the registry has no version ${version}`, { facts: { kek: use.kekName } });
    }
    if (known === null) return this.#until(await this.#createDek(wanted, kek, 1), use);
    const until = this.#until(known, use);
    return until.untilMs > this.#options.clock.nowMs() ? until : this.#nextDek(wanted, kek, known);
  }

  #until(dek: Dek, { expiryDays }: KeyUse): FoundDek {
    const untilMs = expiryDays === 0 ? Infinity : (dek.ts ?? this.#options.clock.nowMs()) + expiryDays * dayMs;
    return { dek, untilMs };
  }

  /** While there is no newer key to be had, the old one serves on: fields are encrypted either way. */
  async #nextDek(wanted: KeyWanted, kek: Kek, known: Dek): Promise<FoundDek> {
    const againMs = this.#options.clock.nowMs() + this.#options.refusedForMs;
    try {
      const next = await this.#createDek(wanted, kek, known.version + 1);
      return next.version > known.version ? this.#until(next, wanted.use) : { dek: known, untilMs: againMs };
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      return { dek: known, untilMs: againMs };
    }
  }

  /** Where another process was faster, its key is the key. */
  async #createDek(wanted: KeyWanted, kek: Kek, version: number): Promise<Dek> {
    const { registry } = this.#options;
    const place = placeOf(wanted);
    const wrapped = kek.shared === true ? null : await this.#newWrapped(wanted, kek);
    const dek = (await registry.createDek({ ...place, version }, wrapped)) ?? (await registry.dek(place, false));
    if (dek !== null) return dek;
    throw noKey(`key ${place.kekName} › ${place.subject}: the registry neither takes nor has version ${version}`);
  }

  async #newWrapped({ use }: KeyWanted, kek: Kek): Promise<string> {
    const wrapped = await this.#kmsOf(kek, use).encrypt(createDekMaterial(use.algorithm));
    return wrapped.toString('base64');
  }

  async #material({ use }: KeyWanted, kek: Kek, { keyMaterial, encryptedKeyMaterial }: Dek): Promise<Buffer> {
    if (typeof keyMaterial === 'string') return Buffer.from(keyMaterial, 'base64');
    return this.#kmsOf(kek, use).decrypt(Buffer.from(encryptedKeyMaterial ?? '', 'base64'));
  }

  #kmsOf(kek: Kek, { alternateKmsKeyIds }: KeyUse): Kms {
    const { env, timeoutMs } = this.#options;
    return openKmsOfKek(kek, { env, timeoutMs, alternateKmsKeyIds });
  }
}

function hasMaterial({ encryptedKeyMaterial, keyMaterial }: Dek): boolean {
  return typeof (encryptedKeyMaterial ?? keyMaterial) === 'string';
}

function placeOf({ use, subject, version }: KeyWanted): DekPlace {
  return { kekName: use.kekName, subject, algorithm: use.algorithm, version };
}
