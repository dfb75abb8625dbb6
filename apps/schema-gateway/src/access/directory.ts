import { createHmac, randomBytes } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';
import type { AccessFile, Limits } from './access-file.ts';
import { Grants } from './grants.ts';
import { type Identity, namesOf } from './identity.ts';
import { wrongFile } from './problems.ts';
import { TokenIssuer } from './token-issuer.ts';

/** Nobody can make these without the process: what is looked up by them tells nothing by the time that it takes. */
const key = randomBytes(32);

export function digestOf(secret: string): string {
  return createHmac('sha256', key).update(secret).digest('base64');
}

/** An access file, ready to be asked. Tokens are kept as digests. */
export class Directory {
  readonly anonymous: Identity | null;
  readonly issuers: readonly TokenIssuer[];
  readonly failedLoginsPerMinute: number;
  readonly #file: AccessFile;
  readonly #passwords = new Map<string, { readonly hash: string; readonly identity: Identity }>();
  readonly #tokens = new Map<string, Identity>();
  readonly #certificates = new Map<string, Identity>();

  constructor(file: AccessFile, readFile: (path: string) => string) {
    this.#file = file;
    this.failedLoginsPerMinute = file.failedLoginsPerMinute;
    this.anonymous =
      file.anonymous.length === 0 ? null : { name: 'anonymous', grants: new Grants(file.anonymous), limits: file.limits };
    this.issuers = Object.entries(file.issuers).map(([name, entry]) => new TokenIssuer(name, entry, readFile));
    for (const name of Object.keys(file.principals)) this.#addPrincipal(name);
  }

  #addPrincipal(name: string): void {
    const { password, tokens = [], certificates = [] } = this.#file.principals[name] ?? {};
    const identity = this.identityOf(name, []);
    if (password !== undefined) this.#passwords.set(name, { hash: password, identity });
    for (const token of tokens) addOnce(this.#tokens, digestOf(token), { identity, what: 'token' });
    for (const certificate of certificates)
      addOnce(this.#certificates, certificate, { identity, what: `certificate ${certificate}` });
  }

  /** With all that the principal and its groups may; who is named nowhere may nothing. */
  identityOf(name: string, groups: readonly string[]): Identity {
    const { principals, groups: known, limits } = this.#file;
    const own = Object.hasOwn(principals, name) ? principals[name] : undefined;
    const shared = groups.flatMap((group) => (Object.hasOwn(known, group) ? (known[group] ?? []) : []));
    const grants = new Grants([...(own?.grants ?? []), ...shared.flatMap((group) => group.grants)]);
    const narrower: Limits = own?.limits ?? shared.find((group) => group.limits !== undefined)?.limits ?? limits;
    return { name, grants, limits: narrower };
  }

  password(name: string): { readonly hash: string; readonly identity: Identity } | undefined {
    return this.#passwords.get(name);
  }

  token(token: string): Identity | undefined {
    return this.#tokens.get(digestOf(token));
  }

  /** Null for a certificate that belongs to nobody here. */
  certificate(certificate: PeerCertificate): Identity | null {
    const name = namesOf(certificate).find((each) => this.#certificates.has(each));
    return (name === undefined ? undefined : this.#certificates.get(name)) ?? null;
  }
}

function addOnce(map: Map<string, Identity>, secret: string, { identity, what }: { identity: Identity; what: string }): void {
  const other = map.get(secret);
  if (other !== undefined) throw wrongFile(`principals.${identity.name}: its ${what} is that of ${other.name} too`);
  map.set(secret, identity);
}
