import { readFileSync } from 'node:fs';
import { messageOf } from '@penstock/kernel';
import { z } from 'zod';
import { wrongUpstream } from '../problems.ts';

const milliseconds = z.coerce.number('expected milliseconds').int().positive();

/** What a gateway is told that stands in front of another registry. */
export const upstreamSettings = {
  upstream: z
    .string()
    .regex(/^https?:\/\/[^\s?#@]+$/, 'expected an address such as https://registry:8081')
    .optional()
    .describe('The address of a registry that holds the schemas. With it this gateway stands in front of that one'),
  upstreamUser: z.string().optional().describe('The name to log in with upstream'),
  upstreamPassword: z.string().meta({ secret: true }).optional().describe('The password that belongs to it'),
  upstreamPasswordFile: z.string().optional().describe('The file that holds the password; it is read again when it is refused'),
  upstreamToken: z.string().meta({ secret: true }).optional().describe('A bearer token for upstream, instead of a name'),
  upstreamTokenFile: z.string().optional().describe('The file that holds the token; it is read again when it is refused'),
  upstreamCa: z
    .string()
    .optional()
    .describe('The file of the authorities that upstream is trusted by, PEM; else those of the system'),
  upstreamCert: z.string().optional().describe('The file of the certificates shown upstream, PEM'),
  upstreamKey: z.string().optional().describe('The file of the key that belongs to them, PEM'),
  upstreamMsMax: milliseconds.default(5_000).describe('How long upstream may take over an answer'),
  upstreamFreshMs: milliseconds
    .default(5_000)
    .describe('How long what may change is believed: the latest version, lists, settings'),
  upstreamVersionMs: milliseconds
    .default(300_000)
    .describe('How long a numbered version is believed; after that it is answered still, and asked for again behind that'),
  upstreamUnknownMs: milliseconds.default(1_000).describe('How long it is believed that something is not there'),
  upstreamCacheBytesMax: z.coerce.number().int().positive().default(67_108_864).describe('The most that is kept of upstream'),
  upstreamPollMs: milliseconds.default(5_000).describe('How often it is looked upstream for new versions of what pipelines use'),
  upstreamTopic: z
    .string()
    .default('penstock.upstream')
    .describe('The compacted topic of what is known of subjects here alone: which of them are not guarded'),
} as const;

type Settings = z.output<z.ZodObject<typeof upstreamSettings>>;

export interface UpstreamOptions {
  /** Without a slash at its end. */
  readonly url: string;
  /** The header that logs in, read anew; null: none. Throws `gateway.wrong-upstream`. */
  authorization(): string | null;
  /** PEM texts. */
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  readonly answerMsMax: number;
  readonly freshMs: number;
  readonly versionMs: number;
  readonly unknownMs: number;
  readonly cacheBytesMax: number;
  readonly pollMs: number;
  readonly topic: string;
}

/** Null where the gateway holds the schemas itself. Throws `gateway.wrong-upstream`. */
export function readUpstream(settings: Settings): UpstreamOptions | null {
  const { upstream, upstreamCa, upstreamCert, upstreamKey } = settings;
  if (upstream === undefined) return null;
  checkPairs(settings);
  const options: UpstreamOptions = {
    url: upstream.replace(/\/+$/, ''),
    authorization: () => authorizationOf(settings),
    tls: {
      ...(upstreamCa === undefined ? {} : { ca: readNamed('PENSTOCK_UPSTREAM_CA', upstreamCa) }),
      ...(upstreamCert === undefined ? {} : { cert: readNamed('PENSTOCK_UPSTREAM_CERT', upstreamCert) }),
      ...(upstreamKey === undefined ? {} : { key: readNamed('PENSTOCK_UPSTREAM_KEY', upstreamKey) }),
    },
    answerMsMax: settings.upstreamMsMax,
    freshMs: settings.upstreamFreshMs,
    versionMs: settings.upstreamVersionMs,
    unknownMs: settings.upstreamUnknownMs,
    cacheBytesMax: settings.upstreamCacheBytesMax,
    pollMs: settings.upstreamPollMs,
    topic: settings.upstreamTopic,
  };
  options.authorization(); // says at the start what is wrong with it
  return options;
}

function checkPairs(settings: Settings): void {
  const given = (...keys: (keyof Settings)[]): boolean => keys.some((key) => settings[key] !== undefined);
  const hasToken = given('upstreamToken', 'upstreamTokenFile');
  if (hasToken && given('upstreamUser')) {
    throw wrongUpstream('PENSTOCK_UPSTREAM_USER: expected nothing beside a token, got a name');
  }
  if (given('upstreamPassword', 'upstreamPasswordFile') !== given('upstreamUser')) {
    throw wrongUpstream('PENSTOCK_UPSTREAM_USER: expected a name together with a password, got one of them');
  }
  if (given('upstreamCert') !== given('upstreamKey')) {
    throw wrongUpstream('PENSTOCK_UPSTREAM_CERT: expected certificates together with PENSTOCK_UPSTREAM_KEY, got one of them');
  }
}

function authorizationOf(settings: Settings): string | null {
  const token = secretOf(settings.upstreamToken, 'PENSTOCK_UPSTREAM_TOKEN_FILE', settings.upstreamTokenFile);
  if (token !== null) return `Bearer ${token}`;
  const password = secretOf(settings.upstreamPassword, 'PENSTOCK_UPSTREAM_PASSWORD_FILE', settings.upstreamPasswordFile);
  if (password === null) return null;
  return `Basic ${Buffer.from(`${settings.upstreamUser ?? ''}:${password}`).toString('base64')}`;
}

function secretOf(given: string | undefined, variable: string, file: string | undefined): string | null {
  if (given !== undefined) return given;
  return file === undefined ? null : readNamed(variable, file).toString('utf8').trim();
}

function readNamed(variable: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw wrongUpstream(`${variable}: expected a file that can be read, got ${file}: ${messageOf(cause)}`, { cause });
  }
}
