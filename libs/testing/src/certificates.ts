import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files of one certificate, PEM. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** An authority of its own, with what it signed; everything lies in a folder that goes away with it. */
export interface Certificates extends Disposable {
  readonly ca: string;
  /** For 127.0.0.1 and localhost. */
  readonly server: CertificateFiles;
  readonly client: CertificateFiles;
  /** Signed by nobody that is trusted. */
  readonly stranger: CertificateFiles;
}

/** Makes certificates that are valid for a day, by OpenSSL. */
export function createCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'penstock-certificates-'));
  const authority = selfSigned(folder, 'authority');
  return {
    ca: authority.cert,
    server: signed(folder, 'server', authority),
    client: signed(folder, 'client', authority),
    stranger: selfSigned(folder, 'stranger'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function filesOf(folder: string, name: string): CertificateFiles {
  return { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function selfSigned(folder: string, name: string): CertificateFiles {
  const files = filesOf(folder, name);
  openssl(['req', '-x509', ...newKey, '-keyout', files.key, '-out', files.cert, '-days', '1', '-subj', `/CN=${name}`]);
  return files;
}

function signed(folder: string, name: string, authority: CertificateFiles): CertificateFiles {
  const files = filesOf(folder, name);
  const request = join(folder, `${name}.csr`);
  const extensions = join(folder, `${name}.ext`);
  writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  openssl(['req', ...newKey, '-keyout', files.key, '-out', request, '-subj', `/CN=${name}`]);
  const by = ['-CA', authority.cert, '-CAkey', authority.key, '-CAcreateserial', '-extfile', extensions];
  openssl(['x509', '-req', '-in', request, '-out', files.cert, '-days', '1', ...by]);
  return files;
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
