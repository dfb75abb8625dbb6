import { createFateCounts, type Output, type Stage } from '@penstock/pipeline';

/** Every record as it came: ids from positions, key, payload and headers untouched. */
export function createIdentityStage(): Stage {
  return {
    name: 'identity',
    async open(lane) {
      return {
        process(batch) {
          const outputs = new Array<Output>(batch.length);
          for (let row = 0; row < batch.length; row += 1) {
            outputs[row] = {
              id: `${lane}/${batch.position(row)}`,
              route: 'main',
              key: batch.key(row),
              payload: batch.payload(row),
              headers: batch.headers(row),
              eventTimeMs: batch.arrivedAtMs(row),
              cause: row,
            };
          }
          const fates = createFateCounts({ forwarded: batch.length });
          return { lane, from: batch.from, to: batch.to, outputs, changes: [], fates, refusals: [] };
        },
        tick: () => null,
        [Symbol.dispose]: () => undefined,
      };
    },
  };
}
