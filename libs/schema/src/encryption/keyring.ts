import { Problem, systemClock } from '@penstock/kernel';
import { type HeldKey, KeyOpener, type KeyWanted, type OpenedKey, type OpeningOptions } from './key-opener.ts';
import type { KeyRegistry } from './key-registry.ts';
import type { KmsEnv } from './kms-key.ts';

/** The open keys of a service. They are in memory only, and in no message. */
export interface Keyring {
  /**
   * The key at once where it is at hand, else the promise of it. Throws or rejects with `schema.no-key`, `schema.kms-refused` or
   * `schema.kms-not-supported` where it cannot be had, and with an outage as it is.
   */
  key(wanted: KeyWanted): HeldKey | Promise<HeldKey>;
}

export interface KeyringOptions extends Partial<OpeningOptions> {
  readonly registry: KeyRegistry;
  /** Where the secrets of the KMS are. */
  readonly env: KmsEnv;
  readonly keysMax?: number;
}

/** A key, or the reason why there is none, until when it is believed. */
interface Entry {
  readonly held: HeldKey | Problem;
  readonly untilMs: number;
}

/** Fetches keys from the registry, has them unwrapped by their KMS and keeps them. */
export function createKeyring(options: KeyringOptions): Keyring {
  return new RegistryKeyring(options);
}

class RegistryKeyring implements Keyring {
  readonly #options: OpeningOptions;
  readonly #keysMax: number;
  readonly #opener: KeyOpener;
  readonly #entries = new Map<string, Entry>();
  readonly #flights = new Map<string, Promise<HeldKey>>();

  constructor({ keysMax = 1_000, ...options }: KeyringOptions) {
    this.#options = { clock: systemClock, refusedForMs: 10_000, timeoutMs: 10_000, ...options };
    this.#keysMax = keysMax;
    this.#opener = new KeyOpener(this.#options);
  }

  key(wanted: KeyWanted): HeldKey | Promise<HeldKey> {
    const name = nameOf(wanted);
    const entry = this.#entries.get(name);
    if (entry === undefined || entry.untilMs <= this.#options.clock.nowMs())
      return this.#flights.get(name) ?? this.#fetch(name, wanted, entry?.held);
    if (entry.held instanceof Problem) throw entry.held;
    return entry.held;
  }

  #fetch(name: string, wanted: KeyWanted, former: Entry['held'] | undefined): Promise<HeldKey> {
    const flight = this.#opener
      .open(wanted)
      .then(
        (entry) => this.#keep(name, entry),
        (thrown: unknown) => this.#refuse(name, thrown, former),
      )
      .finally(() => this.#flights.delete(name));
    this.#flights.set(name, flight);
    return flight;
  }

  #keep(name: string, entry: OpenedKey): HeldKey {
    this.#remember(name, entry);
    return entry.held;
  }

  /** A key that grew old serves on through an outage; a refusal is believed. */
  #refuse(name: string, thrown: unknown, former: Entry['held'] | undefined): HeldKey {
    const untilMs = this.#options.clock.nowMs() + this.#options.refusedForMs;
    if (!(thrown instanceof Problem)) throw thrown;
    if (thrown.remedy !== 'retry') this.#remember(name, { held: thrown, untilMs });
    if (thrown.remedy !== 'retry' || former === undefined || former instanceof Problem) throw thrown;
    return this.#keep(name, { held: former, untilMs });
  }

  /** The one fetched first goes first: it is fetched again where it is still needed. */
  #remember(name: string, entry: Entry): void {
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    if (this.#entries.size > this.#keysMax) this.#entries.delete(this.#entries.keys().next().value as string);
  }
}

function nameOf({ use, subject, toWrite, version }: KeyWanted): string {
  return JSON.stringify([use.kekName, use.kmsType, use.kmsKeyId, use.algorithm, use.expiryDays, subject, toWrite, version]);
}
