import { dataServiceConfig, openDataService } from '@penstock/runner';
import { defineService } from '@penstock/service';

/** Cleans, enriches and aggregates: Kafka to Kafka, exactly once. */
export const preprocessor = defineService({
  name: 'preprocessor',
  config: dataServiceConfig,
  open: (context) => openDataService(context, { service: 'preprocessor' }),
});
