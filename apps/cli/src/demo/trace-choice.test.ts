import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openSpanFile } from './span-file.ts';
import { chooseTrace } from './trace-choice.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'penstock-spans-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const exported = (service: string, ...traceIds: string[]): string =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
        scopeSpans: [{ spans: traceIds.map((traceId) => ({ traceId, name: 'process' })) }],
      },
    ],
  });

test('what is exported becomes lines, and the trace through most services is chosen', async () => {
  const file = join(folder, 'spans.ndjson');
  {
    await using spans = await openSpanFile(file);
    for (const body of [exported('mqtt-ingestor', 'a', 'b'), exported('preprocessor', 'b')]) {
      const { ok } = await fetch(`${spans.endpoint}/v1/traces`, { method: 'POST', body });
      expect(ok).toBe(true);
    }
    await fetch(`${spans.endpoint}/v1/metrics`, { method: 'POST', body: '{}' });
    expect(spans.requests).toBe(2);
  }
  const trace = chooseTrace(file, join(folder, 'trace.json'));
  expect(JSON.parse(readFileSync(trace as string, 'utf8'))).toMatchObject({
    traceId: 'b',
    services: ['mqtt-ingestor', 'preprocessor'],
  });
});

test('where nothing was exported there is no trace', () => {
  writeFileSync(join(folder, 'spans.ndjson'), '');
  expect(chooseTrace(join(folder, 'spans.ndjson'), join(folder, 'trace.json'))).toBeNull();
});
