import type { Names } from '../names.ts';
import type { Files } from './component.ts';

const service = ({ kebab, camel }: Names): string => `
import { dataServiceConfig, openKafkaOf } from '@penstock/runner';
import { defineService } from '@penstock/service';

/** Reads its configuration, wires its parts, and hands them to the life cycle that all services share. */
export const ${camel} = defineService({
  name: '${kebab}',
  config: dataServiceConfig,
  async open(context) {
    const kafka = openKafkaOf(context);
    return {
      async drain() {},
      [Symbol.asyncDispose]: () => kafka[Symbol.asyncDispose](),
    };
  },
});
`;

const main = ({ camel }: Names): string => `
import { runService } from '@penstock/service';
import { ${camel} } from './service.ts';

await runService(${camel});
`;

const test = ({ camel }: Names): string => `
import { expect, test } from '@jest/globals';
import { openService } from '@penstock/service';
import { ${camel} } from './service.ts';

const env = { PENSTOCK_KAFKA: '127.0.0.1:1', PENSTOCK_REGISTRY: 'http://127.0.0.1:1' };
const write = (): void => undefined;

test('opens its doors while nothing around it answers, and drains', async () => {
  await using service = await openService(${camel}, { env, write });
  expect(service.health.isServing('')).toBe(true);
  expect(await service.drain()).toBe(true);
});

test('names the variable that is missing', async () => {
  await expect(openService(${camel}, { env: {}, write })).rejects.toThrow('PENSTOCK_KAFKA');
});
`;

export function serviceFiles(names: Names): Files {
  return {
    'src/index.ts': `\nexport { ${names.camel} } from './service.ts';\n`,
    'src/main.ts': main(names),
    'src/service.ts': service(names),
    'src/service.test.ts': test(names),
  };
}
