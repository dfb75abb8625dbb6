import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { doorOf, generateContracts } from './contracts.ts';
import { isUpToDate, write } from './generated.ts';

const root = resolve(import.meta.dirname, '../../..');
const stages = 'proto/penstock/stages/v1/stages.proto';
let folder = '';

describe('contracts', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'penstock-contracts-'));
    process.chdir(folder);
    cpSync(join(root, 'proto'), 'proto', { recursive: true });
    symlinkSync(join(root, 'node_modules'), 'node_modules');
    mkdirSync('libs/contracts', { recursive: true });
  });

  afterAll(() => {
    process.chdir(root);
    rmSync(folder, { recursive: true, force: true });
  });

  test('are made once, and are out of date when a contract or a made file changes', async () => {
    const made = await generateContracts({ mayBreak: false });
    expect(made.map(write)).toEqual([true, true, true]);
    expect(made.map(write)).toEqual([false, false, false]);
    expect(readFileSync('libs/contracts/src/index.ts', 'utf8')).toContain("export * as stages from './generated/");
    writeFileSync('libs/contracts/src/generated/left-over.ts', '');
    expect(made.map(isUpToDate)).toEqual([false, true, true]);
    made.map(write);

    edit('message StageProblem {', 'message StageProblem {\n  string advice = 3;');
    const grown = await generateContracts({ mayBreak: false });
    expect(grown.map(isUpToDate)).toEqual([false, true, false]);
  });

  test('a change that breaks their users is refused with the place, unless it is wanted', async () => {
    edit('  string message = 2;', '  int64 message = 2;');
    await expect(generateContracts({ mayBreak: false })).rejects.toThrow(/stages\.proto.*"message".*"int64"[^]*--breaking/);
    expect(await generateContracts({ mayBreak: true })).toHaveLength(3);
  });

  test('have names of their own, or are refused', () => {
    const files = ['penstock/schema_types/v1/schema_types.ts', 'penstock/a/v2/a.ts', 'google/protobuf/timestamp.ts'];
    expect(doorOf(files)).toBe(
      [
        "export { readDescriptorSet } from './descriptor-set.ts';",
        "export * as aV2 from './generated/penstock/a/v2/a.ts';",
        "export * as schemaTypes from './generated/penstock/schema_types/v1/schema_types.ts';",
        '',
      ].join('\n'),
    );
    expect(() => doorOf(['a/v1/a.ts', 'b/v1/a.ts'])).toThrow('two contracts are called a');
  });
});

function edit(from: string, to: string): void {
  const text = readFileSync(stages, 'utf8');
  expect(text).toContain(from);
  writeFileSync(stages, text.replace(from, to));
}
