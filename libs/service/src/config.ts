import { z } from 'zod';
import { wrongConfig } from './problems.ts';

const port = z.coerce.number('expected a port from 0 to 65535').int().min(0).max(65_535);
const milliseconds = z.coerce.number('expected milliseconds').int().min(0);

/** What every service is told. Each field is read from `PENSTOCK_` and its name, in capitals. */
export const baseConfig = z.strictObject({
  grpcHost: z.string().default('127.0.0.1').describe('The address to listen on for gRPC'),
  grpcPort: port.default(0).describe('The port for gRPC; 0: any that is free'),
  grpcMessageBytesMax: z.coerce.number().int().positive().default(16_777_216).describe('The largest message taken in'),
  callMsMax: milliseconds.default(60_000).describe('How long a call may take whose caller has set no deadline; streams may stay'),
  callsMax: z.coerce.number().int().positive().default(4_096).describe('Calls at a time; more are refused'),
  drainMs: milliseconds.default(20_000).describe('How long to settle what was taken in before the process ends'),
  tlsCert: z.string().optional().describe("The file of this service's certificates, PEM. With it the doors speak TLS"),
  tlsKey: z.string().optional().describe('The file of the key that belongs to it, PEM'),
  tlsCa: z.string().optional().describe('The file of the authorities whose certificates are trusted, PEM'),
  tlsClientAuth: z
    .enum(['none', 'request', 'require'])
    .default('none')
    .describe(
      'Whether callers must show a certificate. Where they must, health is asked at a plain port of its own; with `request` they are asked for one that they may have',
    ),
  healthPort: port.default(0).describe('The plain port for health, where callers must show a certificate; 0: any that is free'),
});

export type BaseConfig = z.output<typeof baseConfig>;

/** Reads a configuration from the environment. Throws one problem that names every variable that is wrong. */
export function readConfig<Schema extends z.ZodObject>(schema: Schema, env: NodeJS.ProcessEnv): z.output<Schema> {
  const read = Object.keys(schema.shape).map((key) => [key, env[variableOf(key)]] as const);
  const given = Object.fromEntries(read.filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues.map((issue) => {
    const key = String(issue.path[0] ?? '');
    const field = schema.shape[key];
    return `${variableOf(key)}: expected ${expectationOf(given[key] === undefined ? issueOfNothing(field, issue) : issue)}, got ${shownOf(field, given[key])}`;
  });
  throw wrongConfig(complaints.join('; '));
}

/** `kafkaDriver` is read from `PENSTOCK_KAFKA_DRIVER`. */
export function variableOf(key: string): string {
  return `PENSTOCK_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** What a field demands beyond being there. */
function issueOfNothing(field: unknown, issue: z.core.$ZodIssue): z.core.$ZodIssue {
  return (field instanceof z.ZodType ? field.safeParse('').error?.issues[0] : undefined) ?? issue;
}

function expectationOf(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith('expected ')) return issue.message.slice('expected '.length);
  if (issue.code === 'invalid_value') return issue.values.map(String).join(' or ');
  if (issue.code === 'too_small') return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
  if (issue.code === 'too_big') return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
  if (issue.code === 'invalid_type') return `${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
  if (issue.code === 'invalid_format') return issue.format === 'url' ? 'a URL' : `the format ${issue.pattern ?? issue.format}`;
  return issue.message;
}

/** What was given, without the credentials that an address may carry. Fields with `secret` in their metadata stay hidden. */
function shownOf(field: unknown, value: string | undefined): string {
  if (value === undefined) return 'nothing';
  if (field instanceof z.ZodType && field.meta()?.['secret'] === true) return 'something else';
  return JSON.stringify(value.replaceAll(/\/\/[^/@\s]*@/g, '//…@'));
}
