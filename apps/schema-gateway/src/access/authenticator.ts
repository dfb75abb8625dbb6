import type { PeerCertificate } from 'node:tls';
import type { Clock } from '@penstock/kernel';
import { isPassword } from '@penstock/service';
import { decodeJwt } from 'jose';
import { type Directory, digestOf } from './directory.ts';
import type { Credentials, Identity } from './identity.ts';
import { throttled, unauthenticated } from './problems.ts';
import { TokenBuckets } from './token-buckets.ts';

/** For how long a credential that was verified is believed: a file that changes ends it at once. */
const believedMs = 300_000;
const tokenBelievedMs = 60_000;
const believedMax = 10_000;
const verifyingMax = 32;
const headerLengthMax = 16_384;
/** What an unknown name is measured against, so that it takes as long as a known one. */
const nobody = `$scrypt$ln=15,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;

interface Believed {
  readonly identity: Identity;
  readonly untilMs: number;
}

/** Finds out who a caller is. What was verified once is known by its digest, so that only the first question pays for it. */
export class Authenticator {
  readonly #directory: Directory;
  readonly #clock: Clock;
  readonly #failures: TokenBuckets;
  readonly #believed = new Map<string, Believed>();
  readonly #verifying = new Map<string, Promise<Identity>>();

  /** `failures` outlives a change of the file. */
  constructor(directory: Directory, clock: Clock, failures: TokenBuckets) {
    this.#directory = directory;
    this.#clock = clock;
    this.#failures = failures;
  }

  /** At once when the credential is known. Throws `access.unauthenticated` and `access.throttled`. */
  identify({ authorization, certificate, peer }: Credentials): Identity | Promise<Identity> {
    if (authorization === undefined || authorization === '') return this.#withoutHeader(certificate());
    if (authorization.length > headerLengthMax) throw refused();
    const digest = digestOf(authorization);
    const believed = this.#believed.get(digest);
    if (believed !== undefined && believed.untilMs > this.#clock.nowMs()) return believed.identity;
    return this.#verifying.get(digest) ?? this.#begin(digest, { authorization, peer });
  }

  #withoutHeader(certificate: PeerCertificate | null): Identity {
    const found = (certificate === null ? null : this.#directory.certificate(certificate)) ?? this.#directory.anonymous;
    if (found !== null) return found;
    throw certificate === null
      ? unauthenticated('Unauthorized: show who you are, by a password, a token or a certificate')
      : unauthenticated('Unauthorized: the certificate belongs to nobody who is known here');
  }

  /** Each attempt takes of what a peer may get wrong; one that was right gives it back. */
  #begin(digest: string, { authorization, peer }: { authorization: string; peer: string }): Promise<Identity> {
    const perMinute = this.#directory.failedLoginsPerMinute;
    const rate = { perSecond: perMinute / 60, burst: Math.max(1, perMinute) };
    const waitMs = this.#verifying.size >= verifyingMax ? 1_000 : this.#failures.take(peer, rate);
    if (waitMs > 0) throw throttled('Too many attempts to log in', { facts: { retryAfterMs: waitMs } });
    const verifying = this.#verify(authorization).then((believed) => {
      this.#failures.give(peer);
      this.#remember(digest, believed);
      return believed.identity;
    });
    this.#verifying.set(digest, verifying);
    const forget = (): void => void this.#verifying.delete(digest);
    verifying.then(forget, forget);
    return verifying;
  }

  #remember(digest: string, believed: Believed): void {
    this.#believed.delete(digest);
    this.#believed.set(digest, believed);
    if (this.#believed.size > believedMax) this.#believed.delete(this.#believed.keys().next().value ?? digest);
  }

  async #verify(authorization: string): Promise<Believed> {
    const [, scheme = '', value = ''] = /^(\w+) +(.+)$/.exec(authorization) ?? [];
    if (scheme.toLowerCase() === 'basic') return await this.#basic(value);
    if (scheme.toLowerCase() === 'bearer') return await this.#bearer(value);
    throw refused();
  }

  async #basic(value: string): Promise<Believed> {
    const text = Buffer.from(value, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    const known = colon < 0 ? undefined : this.#directory.password(text.slice(0, colon));
    const isRight = await isPassword(text.slice(colon + 1), known?.hash ?? nobody);
    if (known === undefined || !isRight) throw refused();
    return { identity: known.identity, untilMs: this.#clock.nowMs() + believedMs };
  }

  async #bearer(token: string): Promise<Believed> {
    const nowMs = this.#clock.nowMs();
    const known = this.#directory.token(token);
    if (known !== undefined) return { identity: known, untilMs: nowMs + believedMs };
    const issuer = issuerOf(token);
    for (const each of this.#directory.issuers) {
      if (each.entry.issuer !== issuer) continue;
      const claims = await each.read(token, this.#clock);
      if (claims === null) continue;
      const identity = this.#directory.identityOf(claims.principal, claims.groups);
      return { identity, untilMs: Math.min(claims.untilMs, nowMs + tokenBelievedMs) };
    }
    throw refused();
  }
}

/** Who a token says that it is from, which is not believed yet; null: it is no JWT. */
function issuerOf(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null;
  } catch {
    return null;
  }
}

/** The same for everything that is wrong with a credential: a caller learns nothing about names. */
function refused(): Error {
  return unauthenticated('Unauthorized: these credentials are not known here');
}
