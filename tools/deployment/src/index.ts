export { prometheusNames, queriedMetrics } from './queried-metrics.ts';
