import { Problem } from '@penstock/kernel';
import type { GatewayLog } from '../log/gateway-log.ts';

/** What a gateway may say only because it has not read yet what another one wrote. */
const premature = new Set([
  'registry.unknown-subject',
  'registry.unknown-version',
  'registry.unknown-schema',
  'registry.no-config',
  'registry.no-mode',
  'registry.incompatible',
  'keys.not-found',
]);

export function isPremature(thrown: unknown): boolean {
  return thrown instanceof Problem && (premature.has(thrown.code) || thrown.facts['reference'] !== undefined);
}

/** Asks again, with all read that was stored before the question, before it is answered that something is not there. */
export async function caughtUp<Answer>(log: Pick<GatewayLog, 'catchUp'>, ask: () => Answer | Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (thrown) {
    if (!isPremature(thrown)) throw thrown;
  }
  await log.catchUp();
  return ask();
}
