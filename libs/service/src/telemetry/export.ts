import { logs, SeverityNumber } from '@opentelemetry/api';
import { startNodeSdk } from '@opentelemetry/sdk-node';
import type { LogLine } from '../log.ts';

export interface Exporting {
  log(line: LogLine): void;
  /** Sends what is left, within a bounded time. */
  stop(): Promise<void>;
}

/** How long the last export may take: an absent collector must not hold the end of a process. */
const stopMs = 3_000;

/** Starts the exporters for this process, by the standard `OTEL_*` variables. Nothing is patched: spans are made by hand. */
export function startExport(service: string): Exporting {
  const name = process.env['OTEL_SERVICE_NAME'] ?? service;
  const sdk = startNodeSdk({
    resourceAttributes: { 'service.name': name, 'service.namespace': 'penstock' },
    instrumentations: [],
  });
  const logger = logs.getLogger('penstock');
  return {
    log: ({ at, event, facts }) =>
      logger.emit({
        timestamp: Date.parse(at),
        eventName: event,
        body: event,
        attributes: facts,
        severityNumber: severityOf(event),
      }),
    async stop() {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, stopMs);
      await Promise.race([sdk.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}

function severityOf(event: string): SeverityNumber {
  return /defect|failed|unreadable/.test(event) ? SeverityNumber.ERROR : SeverityNumber.INFO;
}
