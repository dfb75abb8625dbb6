import type { Clock } from '@penstock/kernel';
import type { Log } from '@penstock/service';
import { z } from 'zod';
import { Journal } from '../audit/journal.ts';
import type { GatewayLog } from '../log/gateway-log.ts';
import { openAccess } from './open-access.ts';
import type { Guarding } from './rest-guard.ts';

export const accessSettings = {
  access: z
    .string()
    .optional()
    .describe('The file that says who may do what. Without it everybody who reaches the doors may do everything'),
  auditTopic: z.string().default('penstock.audit').describe('The topic that holds who changed what'),
} as const;

export interface GuardOptions {
  readonly file: string | undefined;
  readonly isFront: boolean;
  /** The addresses that are listened on. */
  readonly hosts: readonly string[];
  readonly log: Pick<GatewayLog, 'change'>;
  readonly clock: Clock;
  readonly tell: Log;
  readonly signal: AbortSignal;
}

/** What both doors go by. Throws `access.wrong-file`. */
export function openGuard({ file, isFront, hosts, log, clock, tell, signal }: GuardOptions): Guarding {
  const journal = new Journal({ log, clock, tell, signal });
  const openHost = hosts.find((host) => !isLoopback(host));
  if (file === undefined && openHost !== undefined) {
    tell('access.open', {
      host: openHost,
      message: 'whoever reaches this address may do everything: PENSTOCK_ACCESS names the file that says who may what',
    });
  }
  const access = file === undefined ? null : openAccess({ file, env: process.env, clock, log: tell, signal });
  return { access, journal, isFront };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
