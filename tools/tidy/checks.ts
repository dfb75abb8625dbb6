import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, formatFinding, readWaivers, withoutWaived } from './finding.ts';
import { readTree } from './repository-tree.ts';
import { findUntidy, ruleNames } from './rules.ts';

/** One check: its name, and what it found wrong, ready to print; empty when all is well. */
export interface Check {
  readonly name: string;
  run(): Promise<string>;
}

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly printed: string;
}

/** What oxlint says with `--format=json`, as far as it is read. */
interface LintReport {
  readonly diagnostics: readonly {
    readonly message: string;
    readonly code?: string;
    readonly filename: string;
    readonly labels: readonly { readonly span: { readonly line: number } }[];
  }[];
}

const bin = (name: string): string => join('node_modules/.bin', name);
const projects = ['apps', 'libs', 'tools'];

/** All checks that apply to this checkout; they do not depend on each other. */
export function createChecks(): Check[] {
  const checks: Check[] = [
    {
      name: 'types',
      run: () => complaintOf(process.execPath, ['node_modules/@typescript/native/bin/tsc', '-p', 'tsconfig.json']),
    },
    { name: 'format', run: format },
    { name: 'lint', run: lint },
    { name: 'boundaries', run: boundaries },
    { name: 'tidy', run: async () => complaintsOf(findUntidy(readTree()), (rule) => ruleNames.includes(rule)) },
  ];
  if (existsSync('proto/buf.yaml')) checks.push({ name: 'contracts', run: () => complaintOf(bin('buf'), ['lint', 'proto']) });
  if (existsSync('tools/generate/main.ts')) {
    checks.push({ name: 'generated code', run: () => complaintOf(process.execPath, ['tools/generate/main.ts', '--check']) });
  }
  return checks;
}

async function format(): Promise<string> {
  const complaint = await complaintOf(bin('biome'), ['check', '--error-on-warnings', '--reporter=summary', '.']);
  return complaint === '' ? '' : `${complaint}\n\nTo mend it: npx biome check --write`;
}

async function lint(): Promise<string> {
  const { stdout, printed } = await run(bin('oxlint'), ['--format=json']);
  if (!stdout.trim().startsWith('{')) return printed;
  const { diagnostics } = JSON.parse(stdout) as LintReport;
  const findings = diagnostics.map(({ code, filename, labels, message }) => {
    return { rule: code ?? 'oxlint', file: filename, line: labels[0]?.span.line ?? 0, message };
  });
  return complaintsOf(findings, (rule) => !ruleNames.includes(rule));
}

/** dependency-cruiser checks nothing, and says so only in passing, when its parser does not understand the sources. */
async function boundaries(): Promise<string> {
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', ...projects];
  const { code, printed } = await run(bin('depcruise'), args);
  const modules = Number(/(\d+) modules/.exec(printed)?.[1] ?? 0);
  if (modules === 0) return `no module was looked at:\n${printed}`;
  return code === 0 ? '' : printed;
}

function complaintsOf(findings: readonly Finding[], owns: (rule: string) => boolean): string {
  const waivers = readWaivers().filter(({ rule }) => owns(rule));
  return withoutWaived(findings, waivers).map(formatFinding).join('\n');
}

async function complaintOf(file: string, args: readonly string[]): Promise<string> {
  const { code, printed } = await run(file, args);
  return code === 0 ? '' : printed || `${file} ended with code ${code}`;
}

function run(file: string, args: readonly string[]): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.once('error', reject);
  child.once('close', (code) => resolve({ code: code ?? 1, stdout, printed: `${stdout}${stderr}`.trim() }));
  return promise;
}
