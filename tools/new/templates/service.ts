import type { Names } from '../names.ts';

export function serviceFiles({ kebab, camel }: Names): Readonly<Record<string, string>> {
  return {
    'src/index.ts': `
export { ${camel} } from './service.ts';
`,
    'src/main.ts': `
import { runService } from '@penstock/service';
import { ${camel} } from './service.ts';

await runService(${camel});
`,
    'src/service.ts': `
import { defineService } from '@penstock/service';
import { z } from 'zod';

/** Reads its configuration, wires its parts, and hands them to the life cycle that all services share. */
export const ${camel} = defineService({
  name: '${kebab}',
  config: z.strictObject({}),
  async open(context) {
    context.log('${kebab}.open', {});
    return { async drain() {}, async [Symbol.asyncDispose]() {} };
  },
});
`,
  };
}
