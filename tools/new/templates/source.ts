import type { Names } from '../names.ts';
import { endProblems, type Files } from './component.ts';

const config = ({ pascal, camel }: Names): string => `
import { z } from 'zod';

/** Every setting says what it means; from here come validation, messages, completion and the reference page. */
export const ${camel}SourceConfig = z.strictObject({
  lines: z.array(z.string()).describe('What is read, a record for each'),
  batchRowsMax: z.int().positive().default(500).describe('Rows of a batch'),
});

export type ${pascal}SourceConfig = z.output<typeof ${camel}SourceConfig>;
export type ${pascal}SourceSettings = z.input<typeof ${camel}SourceConfig>;
`;

const door = ({ pascal, camel }: Names): string => `
export { ${camel}SourceConfig, type ${pascal}SourceSettings } from './config.ts';
export { away } from './problems.ts';
export { open${pascal}Source } from './source.ts';
`;

const source = ({ kebab, pascal, camel }: Names): string => `
import type { Assignment, Batch, Source } from '@penstock/pipeline';
import { type ${pascal}SourceConfig, type ${pascal}SourceSettings, ${camel}SourceConfig } from './config.ts';

const lane = '${kebab}/0';

/** One lane whose positions are the numbers of its lines. It keeps where it was settled, so that reading goes on there. */
export function open${pascal}Source(settings: ${pascal}SourceSettings): Source {
  const config = ${camel}SourceConfig.parse(settings);
  const revocation = new AbortController();
  let settled = 0;
  const assignment: Assignment = {
    lane,
    revoked: revocation.signal,
    batches: (from) => read(config, from ?? settled),
    settle(to) {
      settled = to;
    },
    caughtUpAtMs: () => null,
  };
  return {
    async *assignments() {
      yield assignment;
    },
    async [Symbol.asyncDispose]() {
      revocation.abort();
    },
  };
}

async function* read({ lines, batchRowsMax }: ${pascal}SourceConfig, from: number): AsyncGenerator<Batch> {
  for (let at = from; at < lines.length; at += batchRowsMax) yield createBatch(lines.slice(at, at + batchRowsMax), at);
}

function createBatch(lines: readonly string[], from: number): Batch {
  const payloads = lines.map((line) => Buffer.from(line));
  return {
    lane,
    from,
    to: from + lines.length,
    length: lines.length,
    bytes: payloads.reduce((sum, { length }) => sum + length, 0),
    key: () => null,
    payload: (row) => payloads[row] ?? null,
    headers: () => [],
    position: (row) => from + row,
    arrivedAtMs: () => 0,
  };
}
`;

const test = ({ pascal }: Names): string => `
import { expect, test } from '@jest/globals';
import { open${pascal}Source } from './source.ts';

async function readAll(source: ReturnType<typeof open${pascal}Source>, from: number | null): Promise<string[]> {
  const read: string[] = [];
  for await (const assignment of source.assignments(new AbortController().signal)) {
    for await (const batch of assignment.batches(from)) {
      for (let row = 0; row < batch.length; row += 1) read.push(\`\${batch.position(row)} \${batch.payload(row)}\`);
      assignment.settle(batch.to, []);
    }
  }
  return read;
}

test('reads everything once, goes on from where it was settled, and reads anew from a position that is named', async () => {
  await using source = open${pascal}Source({ lines: ['a', 'b', 'c'], batchRowsMax: 2 });
  expect(await readAll(source, null)).toEqual(['0 a', '1 b', '2 c']);
  expect(await readAll(source, null)).toEqual([]);
  expect(await readAll(source, 1)).toEqual(['1 b', '2 c']);
});
`;

export function sourceFiles(names: Names): Files {
  return {
    'src/config.ts': config(names),
    'src/index.ts': door(names),
    'src/problems.ts': endProblems(names),
    'src/source.ts': source(names),
    'src/source.test.ts': test(names),
  };
}
