import type { Clock } from '@penstock/kernel';
import type { Health } from '@penstock/service';
import type { GatewayLog } from './gateway-log.ts';

/** Its health: what is answered is what is stored. Balance between gateways by it. */
export const readingHealth = 'schemas';

const lookMs = 100;
/** With one look and a long poll of half a second it is told within a second. */
const silentMsMax = 850;

/**
 * Says by a name of its own whether the topics are read. Readiness under '' stays: while Kafka is away for all gateways, what they know
 * is better than nothing.
 */
export function watchReading(
  { health, clock }: { readonly health: Health; readonly clock: Clock },
  log: Pick<GatewayLog, 'answeredMs'>,
  name: string = readingHealth,
): Disposable {
  const look = (): void => health.set(name, clock.nowMs() - log.answeredMs <= silentMsMax);
  look();
  const timer = setInterval(look, lookMs);
  timer.unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      health.forget(name);
    },
  };
}
