import { messageOf } from '@penstock/kernel';
import { parsePasswordHash } from '@penstock/service';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { roleNames } from './grants.ts';
import { wrongFile } from './problems.ts';

const grant = z.strictObject({
  role: z.enum(roleNames),
  subjects: z.array(z.string().min(1)).min(1).optional(),
  pipelines: z.array(z.string().min(1)).min(1).optional(),
});
const grants = z.array(grant).default([]);
const perSecond = z.number().positive().max(1_000_000).optional();
const limits = z.strictObject({ readsPerSecond: perSecond, writesPerSecond: perSecond });
const hash = z
  .string()
  .refine((text) => parsePasswordHash(text) !== null, 'expected a hash as `penstock hash-password` prints it');

const principal = z.strictObject({
  password: hash.optional(),
  tokens: z.array(z.string().min(16, 'expected at least 16 characters')).default([]),
  /** `CN=…`, `DNS:…`, `URI:…` or `email:…` of a certificate. */
  certificates: z.array(z.string().regex(/^(CN=|DNS:|URI:|email:)./, 'expected CN=…, DNS:…, URI:… or email:…')).default([]),
  grants,
  limits: limits.optional(),
});

const issuer = z.strictObject({
  issuer: z.string().min(1),
  audience: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
  /** The key set: an address, or a file. */
  keys: z.string().min(1),
  /** The claims that say who it is, and in which groups. */
  principal: z.string().default('sub'),
  groups: z.string().default('groups'),
});

const accessFile = z.strictObject({
  access: z.literal(1),
  anonymous: grants,
  principals: z
    .record(
      z
        .string()
        .min(1)
        .regex(/^[^:]*$/, 'expected a name without a colon'),
      principal,
    )
    .default({}),
  issuers: z
    .record(
      z
        .string()
        .min(1)
        .regex(/^[^:/]*$/, 'expected a name without colon and slash'),
      issuer,
    )
    .default({}),
  groups: z.record(z.string(), z.strictObject({ grants, limits: limits.optional() })).default({}),
  limits: limits.default({}),
  failedLoginsPerMinute: z.number().positive().default(10),
});

export type AccessFile = z.output<typeof accessFile>;
export type PrincipalEntry = AccessFile['principals'][string];
export type IssuerEntry = AccessFile['issuers'][string];
export type Limits = z.output<typeof limits>;

/** Reads the text of an access file; `resolve` puts secrets in place of references. Throws `access.wrong-file`, never with a value. */
export function parseAccessFile(text: string, name: string, resolve: (config: unknown) => unknown): AccessFile {
  const document = parseDocument(text, { uniqueKeys: true, prettyErrors: true });
  const [flaw] = document.errors;
  if (flaw !== undefined) throw wrongFile(`${name}: ${firstLine(flaw.message)}`);
  const parsed = accessFile.safeParse(resolved(document.toJS({ maxAliasCount: 100 }), { name, resolve }));
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues.slice(0, 10).map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  throw wrongFile(complaints.map((complaint) => `${name} › ${complaint}`).join('; '));
}

function resolved(config: unknown, { name, resolve }: { name: string; resolve: (config: unknown) => unknown }): unknown {
  try {
    return resolve(config);
  } catch (cause) {
    throw wrongFile(`${name}: ${messageOf(cause)}`, { cause });
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}
