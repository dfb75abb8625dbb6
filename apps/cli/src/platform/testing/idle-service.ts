import { defineService, runService } from '@penstock/service';
import { z } from 'zod';

/** A service with the life of all services and nothing to do. */
await runService(
  defineService({
    name: process.env['IDLE_NAME'] ?? 'idle',
    config: z.strictObject({}),
    async open() {
      return { drain: async () => undefined, async [Symbol.asyncDispose]() {} };
    },
  }),
);
