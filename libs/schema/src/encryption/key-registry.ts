import { Problem } from '@penstock/kernel';
import { noKey } from '../problems.ts';
import type { Ask, Question } from '../registry/rest-door.ts';
import type { DekAlgorithm } from './dek-algorithm.ts';

/** A key that stays in its KMS and wraps others. */
export interface Kek {
  readonly name: string;
  readonly kmsType: string;
  readonly kmsKeyId: string;
  readonly kmsProps?: Readonly<Record<string, string>> | null;
  /** The registry itself may use it: it makes the data keys, and tells them to those who may read them. */
  readonly shared?: boolean;
}

/** A data key of a subject, wrapped. */
export interface Dek {
  readonly version: number;
  /** In base64. */
  readonly encryptedKeyMaterial?: string | null;
  /** In base64, told by the registry where the KEK is shared. Never shown. */
  readonly keyMaterial?: string | null;
  /** When it was made, in ms. */
  readonly ts?: number;
}

export interface DekPlace {
  readonly kekName: string;
  readonly subject: string;
  readonly algorithm: DekAlgorithm;
  /** -1 is the latest. */
  readonly version: number;
}

/** The keys that a registry keeps, below `/dek-registry/v1`. Answers null for what is not there; throws `schema.no-key` for who may not. */
export interface KeyRegistry {
  kek(name: string, deleted: boolean): Promise<Kek | null>;
  /** Null: there is one of that name already. */
  createKek(kek: Kek): Promise<Kek | null>;
  dek(place: DekPlace, deleted: boolean): Promise<Dek | null>;
  /** Null: that version is there already. Without material the registry makes it, where the KEK is shared. */
  createDek(place: DekPlace, encryptedKeyMaterial: string | null): Promise<Dek | null>;
}

const keks = '/dek-registry/v1/keks';

export function createKeyRegistry(ask: Ask): KeyRegistry {
  const get = <Answer>(path: string): Promise<Answer | null> => permitted(ask<Answer>({ method: 'GET', path }));
  return {
    kek: (name, deleted) => get(`${keks}/${encodeURIComponent(name)}?deleted=${deleted}`),
    createKek: (kek) => created(ask, { method: 'POST', path: keks, body: kek }),
    dek: (place, deleted) => get(`${deksOf(place)}/versions/${place.version}?algorithm=${place.algorithm}&deleted=${deleted}`),
    createDek: (place, encryptedKeyMaterial) => createDek(ask, place, encryptedKeyMaterial),
  };
}

function deksOf({ kekName, subject }: Pick<DekPlace, 'kekName' | 'subject'>): string {
  return `${keks}/${encodeURIComponent(kekName)}/deks/${encodeURIComponent(subject)}`;
}

/** Registries of earlier days take a subject in the body alone. */
async function createDek(ask: Ask, place: DekPlace, encryptedKeyMaterial: string | null): Promise<Dek | null> {
  const { kekName, subject, version, algorithm } = place;
  const body = { subject, version, algorithm, ...(encryptedKeyMaterial === null ? {} : { encryptedKeyMaterial }) };
  try {
    return await created<Dek>(ask, { method: 'POST', path: deksOf(place), body });
  } catch (thrown) {
    if (statusOf(thrown) !== 405) throw thrown;
    return created<Dek>(ask, { method: 'POST', path: `${keks}/${encodeURIComponent(kekName)}/deks`, body });
  }
}

async function created<Answer>(ask: Ask, question: Question): Promise<Answer | null> {
  try {
    return await permitted(ask<Answer>(question));
  } catch (thrown) {
    if (statusOf(thrown) === 409) return null;
    throw thrown;
  }
}

/** Who may not have a key is no outage: the rule says what becomes of the record. */
async function permitted<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (thrown) {
    if (statusOf(thrown) !== 403 && statusOf(thrown) !== 422) throw thrown;
    throw noKey((thrown as Problem).message, { facts: (thrown as Problem).facts, cause: thrown });
  }
}

function statusOf(thrown: unknown): unknown {
  return thrown instanceof Problem ? thrown.facts['status'] : null;
}
