import { stages } from '@penstock/contracts';
import { systemClock } from '@penstock/kernel';
import { z } from 'zod';
import { defineService, runService, unary } from '../index.ts';

/** A service to run as a process in tests: it needs `settleMs` to drain, and fails when it is asked for the pipeline `defect`. */
export const sample = defineService({
  name: 'sample',
  config: z.strictObject({
    settleMs: z.coerce.number().int().default(0),
    openMs: z.coerce.number().int().default(0),
    openFails: z.enum(['no', 'thrown', 'uncaught']).default('no'),
  }),
  async open({ config, server, clock, ending, announce, log, fail, health }) {
    log('sample.opening', {});
    if (config.openFails === 'thrown') throw new TypeError('no way in');
    if (config.openFails === 'uncaught') queueMicrotask(() => Promise.reject(new TypeError('nobody listens')));
    await clock.sleep(config.openMs, ending);
    announce({ settleMs: config.settleMs });
    health.set('stage/rooms/serve', true);
    server.add(stages.StagesServiceService, {
      listStages: unary(async ({ pipeline }) => {
        if (pipeline === 'defect') fail(new TypeError('a stage broke'));
        return { stages: [stages.StageStatus.fromPartial({ pipeline })] };
      }),
      watchStages: {
        form: 'serverStream',
        run: async function* (_, { signal }) {
          while (!signal.aborted) {
            yield { stages: [] };
            await systemClock.sleep(100, signal);
          }
        },
      },
    });
    return {
      async drain(signal) {
        await clock.sleep(config.settleMs, signal);
        if (!signal.aborted) log('sample.settled', {});
      },
      async [Symbol.asyncDispose]() {
        log('sample.closed', {});
      },
    };
  },
});

if (process.argv[1] === import.meta.filename) await runService(sample);
