import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** How much work a guess costs: about 50 ms and 32 MB. */
const cost = { ln: 15, r: 8, p: 1 } as const;
const hashBytes = 32;
const costMax = { ln: 20, r: 32, p: 16 } as const;

/** A password as it is kept: `$scrypt$ln=15,r=8,p=1$<salt>$<hash>` (RFC 7914, in the PHC string format). */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, { ...cost, salt, bytes: hashBytes });
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${base64(salt)}$${base64(hash)}`;
}

/** True for the password that was hashed; how long it takes does not tell how near a guess was. */
export async function isPassword(password: string, hashed: string): Promise<boolean> {
  const kept = parsePasswordHash(hashed);
  if (kept === null) return false;
  return timingSafeEqual(await derive(password, { ...kept, bytes: kept.hash.length }), kept.hash);
}

export interface PasswordHash {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const form = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** Null for what is no hash, or one that would cost more than can be afforded. */
export function parsePasswordHash(hashed: string): PasswordHash | null {
  const [, ln, r, p, salt = '', hash = ''] = form.exec(hashed) ?? [];
  const parsed = { ln: Number(ln), r: Number(r), p: Number(p) };
  const isAffordable = parsed.ln <= costMax.ln && parsed.r <= costMax.r && parsed.p <= costMax.p;
  if (!isAffordable || parsed.ln < 1 || parsed.r < 1 || parsed.p < 1) return null;
  return { ...parsed, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

type Deriving = Omit<PasswordHash, 'hash'> & { readonly bytes: number };

function derive(password: string, { ln, r, p, salt, bytes }: Deriving): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: 256 * 2 ** ln * r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, bytes, options, (failure, key) =>
      failure === null ? resolve(key) : reject(failure),
    );
  });
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
