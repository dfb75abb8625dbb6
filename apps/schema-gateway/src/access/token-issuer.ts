import { type Clock, messageOf } from '@penstock/kernel';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import type { IssuerEntry } from './access-file.ts';
import { keysUnreachable, wrongFile } from './problems.ts';

/** What a token of an identity provider says. */
export interface Claims {
  readonly principal: string;
  readonly groups: readonly string[];
  /** Milliseconds since the epoch. */
  readonly untilMs: number;
}

/** Signatures that only the provider can make; a shared secret would let every verifier sign. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const toleranceSeconds = 5;
const keysMsMax = 5_000;

/** One identity provider and its keys. */
export class TokenIssuer {
  readonly name: string;
  readonly entry: IssuerEntry;
  readonly #keys: JWTVerifyGetKey;

  constructor(name: string, entry: IssuerEntry, readFile: (path: string) => string) {
    this.name = name;
    this.entry = entry;
    this.#keys = keysOf(name, entry.keys, readFile);
  }

  /** Null for a token that is not to be believed. Throws `access.keys-unreachable`. */
  async read(token: string, clock: Clock): Promise<Claims | null> {
    const { issuer, audience, principal } = this.entry;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        issuer,
        audience: [audience].flat(),
        algorithms,
        clockTolerance: toleranceSeconds,
        currentDate: new Date(clock.nowMs()),
        requiredClaims: ['exp', principal],
      });
      return this.#claimsOf(payload);
    } catch (thrown) {
      if (thrown instanceof errors.JOSEError && !isAboutKeys(thrown)) return null;
      throw keysUnreachable(`the keys of ${this.name} cannot be had: ${messageOf(thrown)}`, { cause: thrown });
    }
  }

  #claimsOf(payload: JWTPayload): Claims | null {
    const principal = payload[this.entry.principal];
    const groups = payload[this.entry.groups];
    if (typeof principal !== 'string' || principal === '') return null;
    const known = Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [];
    return {
      principal: `${this.name}/${principal}`,
      groups: known.map((group) => `${this.name}/${group}`),
      untilMs: (payload.exp ?? 0) * 1_000,
    };
  }
}

/** The provider did not answer, or not with keys. */
function isAboutKeys(thrown: errors.JOSEError): boolean {
  return thrown instanceof errors.JWKSTimeout || thrown instanceof errors.JWKSInvalid || thrown.code === 'ERR_JOSE_GENERIC';
}

function keysOf(name: string, keys: string, readFile: (path: string) => string): JWTVerifyGetKey {
  try {
    if (!isAddress(keys)) return createLocalJWKSet(JSON.parse(readFile(keys)) as JSONWebKeySet);
    const url = new URL(keys);
    const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
    if (url.protocol === 'https:' || isLocal) return createRemoteJWKSet(url, { timeoutDuration: keysMsMax });
  } catch (cause) {
    throw wrongFile(`issuers.${name}.keys: expected the address or the file of a key set: ${messageOf(cause)}`, { cause });
  }
  throw wrongFile(`issuers.${name}.keys: expected an address with https://, got one that anybody on the way could change`);
}

export function isAddress(keys: string): boolean {
  return /^https?:\/\//.test(keys);
}
