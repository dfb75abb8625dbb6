import { expect, test } from '@jest/globals';
import { registryProblems } from '@penstock/registry';
import { demandGuid } from './demand-guid.ts';
import type { UpstreamRegistry } from './upstream-registry.ts';

const found = { subject: ':.team:s-value', version: 3, id: 7, schema: '"string"' };

type Named = UpstreamRegistry['named'];
const demand = (named: Named): Promise<string> => demandGuid({ named } as UpstreamRegistry, found);

test('a GUID is told that upstream finds the very schema by', async () => {
  const asked: string[][] = [];
  const named: Named = async (...question) => {
    asked.push(question);
    return { id: 7, context: '.team' };
  };
  const guid = await demand(named);
  expect(guid).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  expect(asked).toEqual([[guid, '.team']]);
});

test('a registry without GUIDs, or with another schema there, is refused by name; an outage is none of that', async () => {
  const refused = { code: 'gateway.not-upstream', message: expect.stringContaining('version 3 of :.team:s-value') };
  await expect(demand(() => Promise.reject(registryProblems.unknownSchema('HTTP 404 Not Found')))).rejects.toMatchObject(refused);
  await expect(demand(async () => ({ id: 8, context: '.team' }))).rejects.toMatchObject(refused);
  await expect(demand(() => Promise.reject(registryProblems.noVerdict('later')))).rejects.toMatchObject({
    code: 'registry.no-verdict',
  });
});
