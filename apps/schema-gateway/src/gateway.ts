import type { OpenCatalogue } from '@penstock/catalogue';
import type { Kafka } from '@penstock/kafka';
import type { Clock } from '@penstock/kernel';
import type { Log } from '@penstock/service';
import type { Journal } from './audit/journal.ts';
import type { GatewayLog } from './log/gateway-log.ts';

/** What both doors and all their questions need. */
export interface Gateway {
  readonly log: GatewayLog;
  readonly kafka: Kafka;
  readonly catalogue: Pick<OpenCatalogue, 'catalogue'>;
  readonly clock: Clock;
  /** Each change is told, with who made it. */
  readonly tell: Log;
  /** What was wanted in vain. */
  readonly journal: Pick<Journal, 'refused'>;
}
