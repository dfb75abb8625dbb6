import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { type ChannelCredentials, credentials, experimental, ServerCredentials } from '@grpc/grpc-js';
import { messageOf } from '@penstock/kernel';
import type { BaseConfig } from './config.ts';
import { wrongTls } from './problems.ts';

/** PEM texts. */
export interface Tls {
  /** Authorities whose certificates are trusted; null: those that the system trusts. */
  readonly ca: Buffer | null;
  /** What we show, and the key that belongs to it. */
  readonly identity: { readonly cert: Buffer; readonly key: Buffer } | null;
}

type Identity = NonNullable<Tls['identity']>;

type TlsSettings = Pick<BaseConfig, 'tlsCert' | 'tlsKey' | 'tlsCa'>;

/** Reads the files that the configuration names; null where it names none. */
export function readTls({ tlsCert, tlsKey, tlsCa }: TlsSettings): Tls | null {
  if (tlsCert === undefined && tlsKey === undefined && tlsCa === undefined) return null;
  const identity = identityOf(tlsCert, tlsKey);
  return { ca: tlsCa === undefined ? null : readPem('PENSTOCK_TLS_CA', tlsCa), identity };
}

function identityOf(cert: string | undefined, key: string | undefined): Tls['identity'] {
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined) {
    const [missing, given] = cert === undefined ? ['CERT', 'KEY'] : ['KEY', 'CERT'];
    throw wrongTls(`PENSTOCK_TLS_${missing}: expected the file that belongs to PENSTOCK_TLS_${given}, got nothing`);
  }
  return { cert: readPem('PENSTOCK_TLS_CERT', cert), key: readPem('PENSTOCK_TLS_KEY', key) };
}

function readPem(variable: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (thrown) {
    throw wrongTls(`${variable}: expected a PEM file that can be read, got ${file}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** What a server shows and demands. */
export function serverCredentials(tls: Tls | null, clientAuth: BaseConfig['tlsClientAuth']): ServerCredentials {
  if (clientAuth !== 'none' && (tls?.ca ?? null) === null) {
    throw wrongTls(`PENSTOCK_TLS_CA: expected the authorities of callers, who ${demands[clientAuth]}, got nothing`);
  }
  if (clientAuth !== 'none' && tls?.identity === null) {
    throw wrongTls(`PENSTOCK_TLS_CERT: expected a certificate, as callers ${demands[clientAuth]}, got nothing`);
  }
  if (tls === null || tls.identity === null) return ServerCredentials.createInsecure();
  const { cert, key } = tls.identity;
  try {
    createSecureContext({ cert, key, ...(tls.ca === null ? {} : { ca: tls.ca }) }); // says what is wrong before anybody calls
    if (clientAuth === 'request' && tls.ca !== null) return askingCredentials(tls.ca, tls.identity);
    return ServerCredentials.createSsl(tls.ca, [{ cert_chain: cert, private_key: key }], clientAuth === 'require');
  } catch (thrown) {
    throw wrongTls(`PENSTOCK_TLS_CERT and PENSTOCK_TLS_KEY: ${messageOf(thrown)}`, { cause: thrown });
  }
}

const demands = { request: 'may show one', require: 'must show one' } as const;

/** Only out of providers does the library make a server that asks for certificates and does not insist. It listens too early to be told at once. */
function askingCredentials(caCertificate: Buffer, { cert: certificate, key: privateKey }: Identity): ServerCredentials {
  const fixed: experimental.CertificateProvider = {
    addCaCertificateListener: (listener) => queueMicrotask(() => listener({ caCertificate })),
    addIdentityCertificateListener: (listener) => queueMicrotask(() => listener({ certificate, privateKey })),
    removeCaCertificateListener: () => undefined,
    removeIdentityCertificateListener: () => undefined,
  };
  return experimental.createCertificateProviderServerCredentials(fixed, fixed, false);
}

/** What a client shows and trusts. */
export function clientCredentials(tls: Tls | null): ChannelCredentials {
  if (tls === null) return credentials.createInsecure();
  return credentials.createSsl(tls.ca, tls.identity?.key ?? null, tls.identity?.cert ?? null);
}
