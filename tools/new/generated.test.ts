import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Names, parseNames } from './names.ts';
import { kinds } from './plan.ts';
import { writeProject } from './write-project.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const modules = join(root, 'node_modules');
/** A workspace of its own with the house's packages and rules, and one new project of each kind. */
const workspace = realpathSync(mkdtempSync(join(tmpdir(), 'penstock-new-')));

beforeAll(() => {
  symlinkSync(modules, join(workspace, 'node_modules'));
  for (const rules of ['.biome.json', '.oxlintrc.json', 'tsconfig.base.json', 'package.json'])
    copyFileSync(join(root, rules), join(workspace, rules));
  writeFileSync(
    join(workspace, 'tsconfig.json'),
    JSON.stringify({ extends: './tsconfig.base.json', include: ['apps/**/*.ts', 'libs/**/*.ts', join(root, 'libs/**/*.d.ts')] }),
  );
  for (const kind of kinds) writeProject(workspace, kind, parseNames(`new-${kind}`) as Names);
});

afterAll(() => rmSync(workspace, { recursive: true, force: true }));

/** What a program complains of; empty when it ends well. */
async function complaintsOf(program: string, args: readonly string[]): Promise<string> {
  try {
    await run(program, args, { cwd: workspace, env: { ...process.env, NODE_OPTIONS: '' }, maxBuffer: 10_000_000 });
    return '';
  } catch (thrown) {
    const { stdout, stderr } = thrown as { stdout: string; stderr: string };
    return `${stdout}${stderr}` || String(thrown);
  }
}

const tool = (name: string): string => join(modules, '.bin', name);

test('what is generated can be formatted and leaves no linter anything to say', async () => {
  expect(await complaintsOf(tool('biome'), ['check', '--write', '--vcs-enabled=false', 'apps', 'libs'])).toBe('');
  expect(await complaintsOf(tool('oxlint'), ['--deny-warnings', 'apps', 'libs'])).toBe('');
});

test('it is typed as strictly as the rest', async () => {
  expect(await complaintsOf(process.execPath, [join(modules, '@typescript/native/bin/tsc'), '-p', 'tsconfig.json'])).toBe('');
});

test('its own tests are green, and there is one of each kind', async () => {
  const config = {
    rootDir: workspace,
    testMatch: ['<rootDir>/{apps,libs}/**/*.test.ts'],
    extensionsToTreatAsEsm: ['.ts'],
    moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
    transform: { '\\.ts$': join(root, 'tools/testing/strip-types.js') },
    watchman: false,
  };
  const report = join(workspace, 'report.json');
  const jest = [join(modules, 'jest/bin/jest.js'), '--runInBand', '--forceExit', '--json', `--outputFile=${report}`];
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  expect(await complaintsOf(process.execPath, [...flags, ...jest, '--config', JSON.stringify(config)])).toBe('');
  const { testResults } = (await import(report, { with: { type: 'json' } })).default as {
    testResults: { name: string; status: string }[];
  };
  expect(testResults.map(({ status }) => status)).toEqual(testResults.map(() => 'passed'));
  expect(kinds.filter((kind) => !testResults.some(({ name }) => name.includes(`new-${kind}/`)))).toEqual([]);
}, 60_000);
