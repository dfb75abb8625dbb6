import type { PeerCertificate } from 'node:tls';
import type { Limits } from './access-file.ts';
import type { Grants } from './grants.ts';

/** Who a caller turned out to be. */
export interface Identity {
  /** `ada`, `corp/ada` when an identity provider says so, `anonymous`. */
  readonly name: string;
  readonly grants: Grants;
  readonly limits: Limits;
}

/** What a caller shows. */
export interface Credentials {
  /** The header: `Basic …` or `Bearer …`. */
  readonly authorization: string | undefined;
  /** Of the connection, verified; null: none was shown. */
  certificate(): PeerCertificate | null;
  readonly peer: string;
}

/** The names that a certificate carries: `CN=ingestor`, `DNS:ingestor.local`, `URI:spiffe://…`, `email:…`. */
export function namesOf({ subject, subjectaltname }: Pick<PeerCertificate, 'subject' | 'subjectaltname'>): string[] {
  const common = [subject?.CN ?? []].flat().map((name) => `CN=${name}`);
  return [...common, ...splitNames(subjectaltname ?? '')];
}

/** Node quotes names that hold a comma or a quote, as JSON. */
function splitNames(text: string): string[] {
  return [...text.matchAll(/(?:^|, )([A-Za-z ]+:)("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(([, kind = '', name = '']) => {
    return `${kind}${name.startsWith('"') ? String(JSON.parse(name)) : name}`;
  });
}
