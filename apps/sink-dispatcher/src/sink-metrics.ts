import type { Meter } from '@opentelemetry/api';
import type { StagePlan } from '@penstock/document';
import type { StoredRows } from '@penstock/postgres';

/** Metrics of sinks, beside those that all stages emit. Dashboards may ask for these. */
export const sinkMetrics = {
  transactions: { name: 'penstock.sink.transactions', unit: '{transaction}', description: 'Transactions that were committed' },
  duplicates: { name: 'penstock.sink.duplicates', unit: '{row}', description: 'Upserts that met a row with their id' },
} as const;

/** Counts what is stored, by stage. */
export function createSinkMetrics(meter: Meter): (plan: StagePlan) => (stored: StoredRows) => void {
  const transactions = meter.createCounter(sinkMetrics.transactions.name, sinkMetrics.transactions);
  const duplicates = meter.createCounter(sinkMetrics.duplicates.name, sinkMetrics.duplicates);
  return ({ pipeline, name }) => {
    const labels = { pipeline, stage: name };
    return (stored) => {
      transactions.add(1, labels);
      duplicates.add(stored.duplicates, labels);
    };
  };
}
