import { expect, test } from '@jest/globals';
import type { AppliedPipeline } from './applied.ts';
import { applyDocument } from './apply-document.ts';
import { planPipeline } from './plan-pipeline.ts';
import { readDocument } from './reading/read-document.ts';
import { checkText, roomsText, roomsWith } from './testing/rooms.ts';

const guid = '89791762-2336-4186-9674-299b90a802e2';
const inHeader = roomsWith(['kafka: { topic: rooms.raw }', 'kafka: { topic: rooms.raw, schemaId: header }']);

/** Applies as a gateway does, which tells GUIDs or not. */
function apply(text: string, tellsGuids = true): AppliedPipeline {
  const { document } = readDocument(text, { file: 'rooms.yaml' });
  const { complaints, schemas } = checkText(text);
  if (document === null || complaints.length > 0) throw new Error(`refused: ${complaints[0]?.message}`);
  const applied = schemas.map(({ isNamedByGuid, ...schema }, index) => ({
    ...schema,
    id: index + 1,
    version: 1,
    ...(isNamedByGuid === true && tellsGuids ? { guid } : {}),
  }));
  return applyDocument(document, applied, 0);
}

const byName = (applied: AppliedPipeline) => new Map(planPipeline(applied).stages.map((stage) => [stage.name, stage]));

test('the GUID of the one schema that records name in a header is asked for, and planned', () => {
  const named = checkText(inHeader).schemas.filter(({ isNamedByGuid }) => isNamedByGuid);
  expect(named.map(({ subject }) => subject)).toEqual(['rooms.raw-value']);
  const applied = new Map(Object.entries(apply(inHeader).schemas));
  expect(checkText(inHeader, { applied, registered: applied }).schemas.filter(({ isNamedByGuid }) => isNamedByGuid)).toEqual(
    named,
  );
  const stages = byName(apply(inHeader));
  expect(stages.get('ingest')?.output).toMatchObject({ schemaId: 'header', schema: { subject: 'rooms.raw-value', guid } });
  expect([...stages.values()].filter(({ output }) => output.schemaId === 'header')).toHaveLength(1);
});

test('the stage that writes them starts anew, and no other one; as without a word is as with the word for it', () => {
  const fingerprints = (text: string) => [...byName(apply(text))].map(([name, { fingerprint }]) => [name, fingerprint]);
  const before = new Map(fingerprints(roomsText) as [string, string][]);
  const changed = fingerprints(inHeader).filter(([name, fingerprint]) => before.get(name as string) !== fingerprint);
  expect(changed.map(([name]) => name)).toEqual(['ingest']);
  expect(fingerprints(inHeader.replace('schemaId: header', 'schemaId: prefix'))).toEqual([...before]);
});

test('what was applied without the GUID is not planned', () => {
  expect(() => planPipeline(apply(inHeader, false))).toThrow(
    'pipeline rooms: stage ingest names the schema of its records in a header, and it was applied without its GUID',
  );
});
