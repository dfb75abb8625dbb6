import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { AppliedPipeline, AppliedSchema } from './applied.ts';
import { applyDocument } from './apply-document.ts';
import { planPipeline } from './plan-pipeline.ts';
import { readDocument } from './reading/read-document.ts';
import { checkText, readBeside, roomsText, roomsWith } from './testing/rooms.ts';

const reading = readFileSync(new URL('../../../proto/data/rooms/v1/reading.proto', import.meta.url), 'utf8');
const withVoc = reading.replace('optional double co2_ppm = 9;', 'optional double co2_ppm = 9;\n  optional double voc_ppb = 10;');
const withoutCo2 = reading.replace('optional double co2_ppm = 9;', 'reserved 9; reserved "co2_ppm";');

/** Applies as a gateway does: what says the same keeps its id, anything else gets the next. */
function apply(text: string, proto: string, before: AppliedPipeline | null): AppliedPipeline {
  const registered = new Map(Object.entries(before?.schemas ?? {}));
  const { complaints, schemas } = checkText(text, { readFile: readBeside({ 'reading.proto': proto }), registered });
  const { document } = readDocument(text, { file: 'rooms.yaml' });
  if (document === null || complaints.length > 0) throw new Error(`refused: ${complaints[0]?.message}`);
  let next = Math.max(0, ...[...registered.values()].map(({ id }) => id));
  const applied = schemas.map((schema): AppliedSchema => {
    const known = registered.get(schema.subject);
    if (known?.text === schema.text) return known;
    next += 1;
    return { ...schema, id: next, version: (known?.version ?? 0) + 1 };
  });
  return applyDocument(document, applied, 0);
}

const fingerprints = (applied: AppliedPipeline): Record<string, string> =>
  Object.fromEntries(planPipeline(applied).stages.map(({ name, fingerprint }) => [name, fingerprint]));

function changedStages(before: AppliedPipeline, after: AppliedPipeline): string[] {
  const [was, is] = [fingerprints(before), fingerprints(after)];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => was[name] !== is[name]);
}

const first = apply(roomsText, reading, null);

describe('a record that changes', () => {
  test('a field more restarts what writes and stores whole records, and nothing that does not name it', () => {
    const second = apply(roomsText, withVoc, first);
    expect(second.version).not.toBe(first.version);
    expect(second.schemas['rooms.raw-value']?.version).toBe(2);
    expect(second.schemas['rooms.features-value']).toEqual(first.schemas['rooms.features-value']);
    expect(changedStages(first, second)).toEqual(['ingest', 'archive']);
    const archive = planPipeline(second).stages.find(({ name }) => name === 'archive');
    expect(archive?.output.bindings.map(({ field }) => field.name)).toContain('vocPpb');
  });

  test('a comment more changes nothing at all', () => {
    const second = apply(roomsText, `// Written by hand.\n${reading}`, first);
    expect(second.schemas).toEqual(first.schemas);
    expect(second.version).toBe(first.version);
  });

  test('rules that encrypt restart what reads the records too, for nothing is told of their values then', () => {
    const subject = 'rooms.raw-value';
    const withRule = (type: string): AppliedPipeline => {
      const contract = { metadata: null, ruleSet: { domainRules: [{ name: 'rule', type, mode: 'WRITEREAD', tags: ['PII'] }] } };
      return { ...first, schemas: { ...first.schemas, [subject]: { ...(first.schemas[subject] as AppliedSchema), contract } } };
    };
    expect(changedStages(first, withRule('CEL_FIELD'))).toEqual(['ingest']);
    expect(changedStages(first, withRule('ENCRYPT'))).toEqual(['ingest', 'archive', 'preprocess']);
  });

  test('a field that is taken away is told where it is missed', () => {
    const { complaints } = checkText(roomsText, { readFile: readBeside({ 'reading.proto': withoutCo2 }) });
    expect(complaints.map(({ path }) => path)).toEqual([
      'stages.preprocess.via[1].validate.ranges.co2Ppm',
      'stages.preprocess.via[2].hampel.field',
      'stages.preprocess.via[3].window.compute.co2Mean',
    ]);
  });
});

describe('a document that changes', () => {
  test.each([
    ['mean(lightLux)', 'max(lightLux)', ['preprocess']],
    ['windowMs: 600000 } }]', 'windowMs: 700000 } }]', ['archive']],
    ['qos: 1', 'qos: 0', ['ingest']],
    ['aheadMsMax: 300000', 'aheadMsMax: 400000', ['ingest']],
    ['table: predictions', 'table: scores', ['store']],
    ['withinMs: 600000', 'withinMs: 700000', []],
    ['document: 1\n', 'document: 1\n# a comment\n', []],
  ])('%s → %s', (from, to, changed) => {
    expect(changedStages(first, apply(roomsWith([from, to]), reading, first))).toEqual(changed);
  });

  test('an aggregate more gets the next number, and what comes after it restarts', () => {
    const more = roomsWith(['co2Mean: mean(co2Ppm)', 'co2Max: max(co2Ppm)\n            co2Mean: mean(co2Ppm)']);
    const second = apply(more, reading, first);
    expect(second.schemas['rooms.features-value']?.text).toContain('optional double co2_max = 9;');
    expect(second.schemas['rooms.predictions-value']?.text).toContain('optional double co2_max = 13;');
    expect(changedStages(first, second)).toEqual(['preprocess', 'serve', 'store']);
  });

  test('a stage that goes away leaves the others alone', () => {
    const second = apply(
      roomsWith([roomsText.slice(roomsText.indexOf('  store:'), roomsText.indexOf('retrain:')), '']),
      reading,
      first,
    );
    expect(changedStages(first, second)).toEqual(['store']);
  });
});
