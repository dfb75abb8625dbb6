import { join } from 'node:path';

/** In the order in which they are started: whoever is asked by the others comes first. */
export const serviceNames = [
  'schema-gateway',
  'mqtt-ingestor',
  'preprocessor',
  'model-server',
  'sink-dispatcher',
  'retrainer',
] as const;
export type ServiceName = (typeof serviceNames)[number];

/** Sources first, so that what was taken in can still be settled; what the others ask comes last. */
export const drainOrder: readonly ServiceName[] = [
  'mqtt-ingestor',
  'retrainer',
  'preprocessor',
  'model-server',
  'sink-dispatcher',
  'schema-gateway',
];

/** What is run for a service. */
export function entryOf(service: ServiceName): string {
  return join(import.meta.dirname, '../../../..', 'apps', service, 'src/main.ts');
}
