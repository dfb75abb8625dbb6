import { defineTransform } from '@penstock/pipeline';
import { dedupeConfig } from './config.ts';
import { createDedupe } from './transform.ts';

export const dedupe = defineTransform({
  name: 'dedupe',
  sentence: 'Takes out records whose id was seen before, so that what was delivered twice counts once.',
  config: dedupeConfig,
  type(config, { columns, isIdentified, complain }) {
    if (!isIdentified) {
      complain(
        [],
        'has nothing to go by: ids are random; give the record an identity, such as deviceId + "/" + string(sequence)',
      );
    }
    return { columns, memory: 'ids', store: 'dedupe', open: () => createDedupe(config) };
  },
});
